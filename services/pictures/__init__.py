"""Pictures of goods and posters of canvass links. `preparation` takes pictures in, `posters` draws posters with their
text and QR code, and `uploads` is what a bot sends: bytes, and file IDs of what it has uploaded."""
