"""How long reading a picture takes, told by its file before any pixel is decoded.

Neither bytes nor pixels bound it: what is said in a dozen bytes may go over every pixel again.
The unit is what a JPEG's decoder does for one pixel in one scan: some nanoseconds.
"""

import re
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL import TiffImagePlugin as tiff

MAX_WORK = 1_500_000_000  # some 2 s; the JPEGs of cameras and editors have a dozen scans
# measured, in that unit
WEBP_PIXEL, TIFF_PIXEL, BMP_RUN_PIXEL, BMP_RUN_BYTE = 20, 5, 150, 200
TIFF_JPEG = 7  # this number of COMPRESSION
JPEG, END, SCAN = b"\xff\xd8", 0xD9, 0xDA
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SEGMENT = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])(..)", re.DOTALL)  # not what lies within a scan


def work(image: Image.Image, content: bytes | memoryview) -> int:
    """The work of an opened picture, whose file holds this content."""
    if content[:2] == JPEG:
        return jpeg_work(content)
    pixels = image.width * image.height
    if image.format == "TIFF":
        return tiff_work(image.tag_v2, content)
    if image.format == "WEBP":
        return WEBP_PIXEL * pixels
    if image.tile and image.tile[0][0] == "bmp_rle":  # Pillow reads its runs in Python
        return BMP_RUN_PIXEL * pixels + BMP_RUN_BYTE * len(content)
    return pixels


def jpeg_work(content: bytes | memoryview) -> int:
    """How many pixels the decoder of a JPEG goes over: those of the picture, once in each scan.

    A progressive JPEG may have any number of scans, of a dozen bytes each.
    """
    pixels = scans = place = 0
    while found := SEGMENT.search(content, place):
        kind, start = found[1][0], found.end()
        if kind == END:
            break
        if kind in FRAMES and not pixels:
            height, width = content[start + 1 : start + 3], content[start + 3 : start + 5]
            pixels = int.from_bytes(height) * int.from_bytes(width)
        scans += kind == SCAN
        place = start - 2 + int.from_bytes(found[2])
    return pixels * scans


def tiff_work(tags: Mapping[int, Any], content: bytes | memoryview) -> int:
    """The work of all strips or tiles of a TIFF: each may be a JPEG of its own.

    A tile may be much larger than the picture, and any number of them may lie at one place.
    """
    width, height = tags[tiff.IMAGEWIDTH], tags[tiff.IMAGELENGTH]
    places, sizes = tiff.STRIPOFFSETS, tiff.STRIPBYTECOUNTS
    if tiff.TILEOFFSETS in tags:
        width, height = tags[tiff.TILEWIDTH], tags[tiff.TILELENGTH]
        places, sizes = tiff.TILEOFFSETS, tiff.TILEBYTECOUNTS
    elif tiff.ROWSPERSTRIP in tags:
        height = min(height, tags[tiff.ROWSPERSTRIP])
    done = 0
    for start, size in zip(tags[places], tags.get(sizes, ()), strict=False):
        done += TIFF_PIXEL * width * height + size  # all of its bytes are looked at
        if done > MAX_WORK:
            break
        if tags.get(tiff.COMPRESSION) == TIFF_JPEG:
            done += jpeg_work(content[start : start + size])
    return done
