"""Canvassing: `links` are canvass links, who came by them, and the posters that carry them; `cards` are the shared
cards, and which of them have to be edited."""
