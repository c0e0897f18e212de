"""Brushing: votes that were bought (R28). Pure functions: votes in, findings out; a person decides.

`votes` has the types, and `detection` finds: it alone needs numpy. `verdicts`, `cases` and `bans` are for deciding.
docs/brushing.md says how it works, what it was measured to find, and what it cannot see.
"""
