"""From what a file holds to upright RGB with 8 bits: turns, wide grey, transparency."""

import warnings
from functools import cache

import numpy as np
from PIL import ExifTags, Image

TURNS = {  # EXIF's orientation: what makes a picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
METADATA = ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp")  # an orientation lies here
WHITES = (1, 255, 65535)  # what is white in floats, in 8 and in 16 bits


class Guess(UserWarning):
    """Something about a picture is not known and was guessed."""


def upright(image: Image.Image) -> Image.Image:
    """The picture, turned as its metadata say; a picture that was turned has none any more.

    Pillow's exif_transpose writes the metadata anew, and fails where it cannot. Pixels can be
    turned all the same. Metadata that nobody can read turn nothing.
    """
    image.load()
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # a dozen kinds
        turn = None
    if turn is None:
        return image
    turned = image.transpose(turn)
    for key in METADATA:
        turned.info.pop(key, None)
    return turned


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to 8-bit RGB; an RGB picture is returned as it is.

    16-bit grey keeps its upper 8 bits. Where white is in wider, signed or float grey is guessed:
    see eight_bits.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode.startswith("I;16"):  # Pillow's own conversion would cut it at 255
        image = Image.fromarray((np.asarray(image) // 256).astype(np.uint8))
    elif image.mode in ("I", "F"):  # and these, too
        image = Image.fromarray(eight_bits(np.asarray(image)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def eight_bits(grey: np.ndarray) -> np.ndarray:
    """Grey values of any range as uint8, and a Guess as a warning, once in a process.

    Values from 0 to 1, to 255 or to 65535 keep their brightness. Of all others, the darkest
    becomes black and the brightest white. NaN becomes black.
    """
    known = grey[np.isfinite(grey)].astype(float)
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    black, white = 0.0, next((white for white in WHITES if 0 <= low and high <= white), None)
    if white is None:
        black, white = low, max(high, np.nextafter(low, np.inf))
        say_once(
            "A grey picture has values below 0 or above 65,535. Its darkest is taken for black "
            "and its brightest for white, so brightness cannot be compared between pictures."
        )
    else:
        say_once(
            f"A grey picture does not say which value is white. Taken for white: {white:,}, as its "
            "values are from 0 to that."
        )
    filled = np.nan_to_num(grey.astype(float), nan=black, posinf=high, neginf=low)
    return np.rint((filled - black) * (255 / (white - black))).clip(0, 255).astype(np.uint8)


@cache
def say_once(text: str) -> None:
    """A Guess as a warning. Python's own "once" forgets whenever a filter is set."""
    warnings.warn(text, Guess, stacklevel=3)
