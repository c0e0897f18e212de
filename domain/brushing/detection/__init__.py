"""The detector of brushing (R28): `detector.examine` is its entrance, and all that the running program imports.

`ballot_box` holds the votes as arrays; `lockstep` (with `groups` and `fans`), `batches` and `rings` each find one kind;
`null_model` and `tails` say how improbable it is among honest people. Importing it loads numpy.
"""
