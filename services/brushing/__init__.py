"""Votes that look bought (R28, R29): `examinations` run the detector, `cases` are opened by it and decided by people,
`case_files` show what they look at, `bans` keep shops out, and `appeals` are those of shops."""
