"""Bears made of Twemoji's bear face and teddy: recoloured, and given bodies of their own.

A drawing is named "kind/pose/coat", such as "grizzly/walk/0": `bear_artwork` makes it. Twemoji
has one brown bear's face; what tells the kinds apart here is what tells them apart outdoors. A
black bear is dark with a tan muzzle and its rump is its highest point; a grizzly is brown with
pale tips and a hump over its shoulders. A teddy has a ribbon, pale soles and a seam.
"""

from functools import cache
from itertools import combinations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data_scripts.drawings.classes import ART, artwork

GRID = 36  # Twemoji's own units of a drawing's side: the poses below are in them
SIDE = 2 * ART  # pixels: the faces keep about their size when they get a body
FINE = 4  # times as large while it is drawn, for smooth edges

FACE, TOY, POLAR, PANDA = "🐻 🧸 🐻‍❄️ 🐼".split()
# the colours of the two drawings that are recoloured, by what they stand for
FACE_COLOURS = {
    "coat": (193, 105, 79),
    "ear": (230, 170, 170),
    "muzzle": (217, 158, 130),
    "tongue": (221, 46, 68),
    "dark": (39, 43, 43),
}
TOY_COLOURS = {
    "coat": (193, 105, 79),
    "muzzle": (217, 158, 130),
    "ribbon": (160, 4, 30),
    "ear": (102, 33, 19),
    "seam": (147, 64, 53),
    "dark": (41, 47, 51),
}


def _coat(coat, muzzle, ear, dark=(24, 20, 20), **more):
    return {"coat": coat, "muzzle": muzzle, "ear": ear, "dark": dark, **more}


COATS = {
    "black": [
        _coat((40, 40, 46), (190, 142, 98), (82, 66, 62), (12, 12, 14)),
        _coat((58, 50, 48), (176, 130, 92), (92, 72, 64), (14, 12, 12)),
        _coat((78, 56, 44), (204, 160, 116), (112, 84, 70), (18, 14, 12)),  # chocolate
    ],
    "grizzly": [
        _coat((142, 92, 52), (198, 158, 112), (186, 138, 98), tips=(214, 176, 120)),
        _coat((116, 74, 46), (176, 136, 98), (158, 112, 82), tips=(202, 166, 122)),
        _coat((168, 116, 66), (216, 180, 134), (204, 160, 118), tips=(232, 204, 150)),
    ],
    "teddy": [
        _coat((193, 105, 79), (222, 168, 140), (120, 52, 34), ribbon=(160, 4, 30)),
        _coat((206, 156, 96), (236, 204, 156), (150, 100, 54), ribbon=(44, 96, 170)),
        _coat((240, 222, 190), (252, 244, 226), (206, 178, 140), ribbon=(190, 60, 90)),
        _coat((150, 154, 162), (206, 210, 216), (104, 108, 118), ribbon=(60, 130, 90)),
        _coat((232, 158, 172), (250, 212, 216), (190, 104, 122), ribbon=(120, 80, 160)),
        _coat((112, 68, 44), (188, 142, 104), (74, 42, 26), ribbon=(226, 170, 50)),
    ],
    "polar_bear": [_coat((225, 232, 237), (245, 248, 250), (200, 208, 215))],
    "panda": [_coat((238, 238, 238), (250, 250, 250), (60, 64, 68), limb=(44, 48, 52))],
}


def drawings_of(kind: str) -> list[str]:
    """The names of all drawings of a kind; those that are to come twice as often, twice."""
    poses = ["toy", "toy", "sit"] if kind == "teddy" else ["face", "sit", "walk"]
    return [f"{kind}/{pose}/{coat}" for pose in poses for coat in range(len(COATS[kind]))]


@cache
def bear_artwork(drawing: str) -> Image.Image:
    """The drawing, RGBA and square: a bear of that name, else the sign of Twemoji."""
    if "/" not in drawing:
        return artwork(drawing)
    kind, pose, number = drawing.split("/")
    coat = COATS[kind][int(number)]
    if pose == "toy":
        return recoloured(artwork(TOY), TOY_COLOURS, coat)
    head = _head(kind, coat)
    if pose == "face":
        return head
    canvas = Image.new("RGBA", (SIDE * FINE,) * 2)
    limb = coat.get("limb", coat["coat"])
    (_sitting if pose == "sit" else _walking)(_pen(canvas), kind, coat, limb)
    picture = canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    if "tips" in coat:
        picture = _grizzled(picture, coat["tips"])
    if pose == "sit":
        return _with_head(picture, head, 20, (18, 10.5))
    return _with_head(picture, head, 17, (9, 18.5 if kind == "grizzly" else 15.5))


def recoloured(art: Image.Image, old: dict, new: dict) -> Image.Image:
    """A drawing whose flat colours are exchanged; a smooth edge between two stays smooth.

    old, new: (red, green, blue) by role. Each pixel is read as the mixture of two old colours
    that comes closest to it, and becomes the same mixture of the new ones.
    """
    pixels = np.asarray(art).astype(float)
    nearest, result = np.full(pixels.shape[:2], np.inf), pixels.copy()
    for one, two in combinations([role for role in old if role in new], 2):
        start, step = np.array(old[one], float), np.subtract(old[two], old[one])
        share = ((pixels[..., :3] - start) @ step / (step @ step)).clip(0, 1)[..., None]
        distance = np.abs(pixels[..., :3] - start - share * step).sum(-1)
        closer = distance < nearest - 1e-9
        nearest[closer] = distance[closer]
        result[closer, :3] = (np.array(new[one]) * (1 - share) + np.array(new[two]) * share)[closer]
    return Image.fromarray(result.round().astype(np.uint8))


def _head(kind: str, coat: dict) -> Image.Image:
    if kind in ("polar_bear", "panda"):
        return artwork(POLAR if kind == "polar_bear" else PANDA)
    head = recoloured(artwork(FACE), FACE_COLOURS, {"tongue": coat["muzzle"], **coat})
    if "tips" in coat:
        head = _grizzled(head, coat["tips"])
    pen = ImageDraw.Draw(head)
    for x in (25.5, 45.5):  # a glint: a dark eye in a dark coat is seen by it
        pen.ellipse((x - 1, 31, x + 1.5, 33.5), (235, 235, 235, 255))
    return head


def _with_head(picture: Image.Image, head: Image.Image, size: float, centre: tuple) -> Image.Image:
    scale = SIDE / GRID
    head = head.resize((round(size * scale),) * 2, Image.Resampling.LANCZOS)
    left, top = (round((place - size / 2) * scale) for place in centre)
    # a rim of shade parts the head from the body behind it
    shade = Image.new("RGBA", picture.size)
    shade.paste((0, 0, 0, 110), (left, top + 2), head.getchannel("A").point(lambda a: a * 0.45))
    shade = shade.filter(ImageFilter.GaussianBlur(2))
    inside = np.minimum(np.asarray(shade)[..., 3], np.asarray(picture)[..., 3])
    shade.putalpha(Image.fromarray(inside))
    picture = Image.alpha_composite(picture, shade)
    over = Image.new("RGBA", picture.size)
    over.paste(head, (left, top))
    return Image.alpha_composite(picture, over)


def _grizzled(picture: Image.Image, tips: tuple) -> Image.Image:
    """Pale tips of the hair on the upper side, fading downwards."""
    pixels = np.asarray(picture).astype(float)
    opaque = pixels[..., 3] > 127
    rows, columns = np.mgrid[0 : len(pixels), 0 : len(pixels)] / len(pixels)
    depth = rows - np.argmax(opaque, axis=0) / len(pixels)  # below the outline, column by column
    strands = 0.8 + 0.2 * np.sin(80 * columns + 4 * np.sin(13 * rows + 3 * columns))
    share = (np.clip(1 - depth / 0.35, 0, 1) * strands * 0.6)[..., None]
    pixels[..., :3] += share * (np.array(tips) - pixels[..., :3])
    return Image.fromarray(pixels.round().astype(np.uint8))


def _pen(canvas: Image.Image):
    """oval(x, y, width radius, height radius, colour), in Twemoji's units."""
    draw, scale = ImageDraw.Draw(canvas), canvas.width / GRID

    def oval(x, y, wide, high, colour):
        edges = (x - wide, y - high, x + wide, y + high)
        draw.ellipse([edge * scale for edge in edges], (*colour, 255))

    return oval


def _shade(colour: tuple, factor: float) -> tuple:
    return tuple(min(255, round(part * factor)) for part in colour)


def _sitting(oval, kind: str, coat: dict, limb: tuple) -> None:
    body, sole = coat["coat"], coat["muzzle"]
    if kind == "grizzly":
        oval(18, 17, 12.5, 6.5, body)  # the hump: shoulders wider than the head
    oval(18, 24.5, 10, 11, body)
    oval(18, 26, 6.3, 7.4, _shade(body, 1.14))
    for side in (-1, 1):
        oval(18 + side * 9.2, 23, 3.3, 6.6, _shade(limb, 0.88))
        oval(18 + side * 8.4, 31.5, 5, 4.2, _shade(limb, 0.94))
        oval(18 + side * 8.6, 31.8, 3.1, 2.6, sole if kind == "teddy" else _shade(limb, 0.7))
        if kind == "grizzly":
            for claw in (-1.6, 0, 1.6):
                oval(18 + side * 9.2 + claw, 29.4, 0.5, 1.1, (236, 226, 206))
    if kind == "teddy":
        oval(18, 26, 0.25, 7, coat["ribbon"])
        for side in (-1, 1):
            oval(18 + side * 3.4, 20.3, 3.2, 1.9, coat["ribbon"])
        oval(18, 20.3, 1.4, 1.4, _shade(coat["ribbon"], 0.75))


def _walking(oval, kind: str, coat: dict, limb: tuple) -> None:
    body = coat["coat"]
    for x in (15, 30):  # the far legs
        oval(x, 28, 2.6, 6.6, _shade(limb, 0.7))
    oval(34, 19, 1.6, 1.4, body)
    oval(21, 20.5, 13.5, 7.6, body)
    if kind == "grizzly":
        oval(17, 16, 9.5, 7, body)
    else:
        oval(27, 18, 7.6, 7.4, body)
    for x in (11.5, 26.5):
        oval(x, 27.5, 3.1, 7.4, _shade(limb, 0.9))
        oval(x - 0.8, 33.6, 3.1, 1.6, _shade(limb, 0.8))
        if kind == "grizzly":
            for claw in (-3.2, -2.2, -1.2):
                oval(x + claw, 34.2, 0.4, 0.7, (236, 226, 206))
