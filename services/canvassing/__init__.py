"""Canvassing: `links` are canvass links and who came by them; `cards` are the shared cards that carry such a link, what
inline mode offers, and which cards have to be edited."""
