"""Pictures of goods and posters of canvass links. `preparation` takes pictures in, `drawing` draws posters from the
`elements` text and QR code, and `uploads` is what a bot sends: bytes, and file IDs of what it has uploaded."""
