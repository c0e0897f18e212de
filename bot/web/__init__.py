"""The web server: health, metrics and the public landing pages of canvass links."""
