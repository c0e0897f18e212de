"""What people type, save and send, read into values: addresses, encodings, numbers, times, text.

Pure functions; each returns None or a code for what it cannot read, and never guesses between two meanings.
"""
