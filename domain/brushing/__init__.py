"""Brushing: votes that were bought (R28). Pure functions: votes in, findings out; a person decides.

`votes` has the types and needs no library; `detector.examine` is the entrance, and the only one that loads numpy.
docs/brushing.md says how it works, what it was measured to find, and what it cannot see.
"""
