"""Pictures that people send: checked, turned upright, made small and made anew, so that nothing but the picture is kept."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from hutong.errors import HutongError
from hutong.text import Text

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: JPEG bytes, its name by content, its size in pixels."""

    data: bytes
    name: str
    width: int
    height: int


def picture(file: BinaryIO) -> Picture:
    """Return a sent file as a picture.

    Raises
    ------
    HutongError
        ``bad-photo`` if it is too large, no picture, or of another kind than it may be.
    """
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise _bad(
            "照片超过 12 MB", "The photo is larger than 12 MB", "请选小一些的照片。", "Choose a smaller one."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Image.DecompressionBombWarning
                upright = _upright(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning,
            Image.DecompressionBombError):  # fmt: skip
        raise _bad(
            "文件不是可用的照片", "The file is no photo that can be used",
            "请用 JPEG、PNG 或 WebP 照片。", "Use a JPEG, PNG or WebP photo.",
        ) from None  # fmt: skip
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=82)
    data = out.getvalue()
    return Picture(data, f"{hashlib.sha256(data).hexdigest()[:40]}.jpg", clean.width, clean.height)


def _upright(opened: ImageFile) -> Image.Image:
    """Return a picture made small and turned upright; a large JPEG is never unpacked at its full size."""
    plain: Image.Image = opened if opened.mode in ("RGB", "L", "CMYK", "YCbCr") else opened.convert("RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.HAMMING, reducing_gap=1.0)
    return ImageOps.exif_transpose(plain).convert("RGB")


def _bad(what_zh: str, what_en: str, hint_zh: str, hint_en: str) -> HutongError:
    return HutongError("bad-photo", Text(f"{what_zh}。", f"{what_en}."), Text(hint_zh, hint_en))
