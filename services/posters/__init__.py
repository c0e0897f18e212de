"""Posters of canvass links: drawing, typesetting, QR codes, and the cache of uploaded pictures."""
