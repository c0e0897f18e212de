"""Decodes pictures of strangers, and converts them for Telegram. Imports little, for the process that it runs in."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

MOST_BYTES = 10 * 1024 * 1024
"""Bot API, sendPhoto: a photo has at most 10 MB."""
SIDE = 1280
_MOST_PIXELS = 40_000_000
_LONGEST_RATIO = 20
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What cameras and shops save. Each further decoder of Pillow (EPS, ICO, FITS, …) is one more way in."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A picture ready to be stored: JPEG, at most 1280 pixels a side."""

    digest: str
    content: bytes
    width: int
    height: int


class PictureError(ValueError):
    """A picture that cannot be used; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def prepare(content: bytes) -> Ready:
    """Check a picture and convert it to a JPEG of at most 1280 pixels a side, rotated by its EXIF data.

    Of an animation the first frame. Takes up to 800 MB: call it in a process with limits (`services.isolation`).
    Raises PictureError: picture-too-big, picture-broken, picture-shape.
    """
    from PIL import Image, ImageOps  # loads slowly, and the bot itself has no use for it here

    if len(content) > MOST_BYTES:
        raise PictureError("picture-too-big")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > _MOST_PIXELS:
                raise PictureError("picture-too-big")
            if max(width, height) > _LONGEST_RATIO * min(width, height):
                raise PictureError("picture-shape")
            fits = (
                opened.format == "JPEG"
                and opened.mode in ("RGB", "L")
                and max(width, height) <= SIDE
                and not opened.getexif()
            )
            opened.load()  # at full size: a smaller one would give the same file another digest
            ImageOps.exif_transpose(opened, in_place=True)
            image: Image.Image = opened
            if image.has_transparency_data:
                image = image.convert("RGBA")
            image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError("picture-too-big") from error
    except Exception as error:  # decoders raise any error for damaged files
        raise PictureError("picture-broken") from error
    if not fits:
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=88, optimize=True)
        content = out.getvalue()
    return Ready(hashlib.sha256(content).hexdigest(), content, flat.width, flat.height)
