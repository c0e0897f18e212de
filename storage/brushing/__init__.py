"""Queries against brushing: the votes that the detector reads, verdicts about them, and the cases that people decide.

`cast_votes` reads, `verdicts` moves votes with their history and the item's tally, `cases` keeps what was found, `bans`
which shops are banned; `evidence` is what organisers look at before they decide, `appeals` what a granted one restores.
"""
