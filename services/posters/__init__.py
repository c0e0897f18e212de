"""Posters of canvass links: drawing, their text and QR codes, and the cache of uploaded pictures."""
