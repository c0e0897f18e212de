"""What everybody may read, in the chat and on the web (R39): the voting rules, and the figures of each round.

Both show the same sentences; `pages` puts them into sections of a web page.
"""
