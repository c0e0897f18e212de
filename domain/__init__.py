"""The rules: pure functions and small frozen values. No I/O, no clock, no framework."""
