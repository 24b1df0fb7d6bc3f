"""What the 20 people of the BIWI twin look like."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data_scripts.drawings.scene import between


@dataclass(frozen=True)
class Look:
    """What one notices about a person. Colours are sRGB in hexadecimal."""

    skin: str
    hair: str
    style: str  # bald, fringe, buzz, short, parted, curly, bob, long, ponytail, bun, beanie
    shirt: str
    pattern: str = "plain"  # plain, stripes, checks, shirt, hood
    second: str = "e8e4da"  # the other colour of the pattern, or of a beanie
    glasses: str = ""
    beard: float = 0.0  # 0.3 is stubble, 1 is full
    eyes: str = "5b3a21"


LOOKS = {
    "F01": Look("d9a582", "3a2415", "long", "8c2f39", "plain"),
    "F02": Look("eec1a2", "b98a4a", "ponytail", "2f6f73", "stripes", "e9ecec", eyes="4d7391"),
    "F03": Look("8a5a3c", "17110d", "curly", "d9a441", "plain"),
    "F04": Look("e8b998", "7b3b1c", "bob", "4a5a8a", "hood", "343f63", eyes="5f7f4a"),
    "F05": Look("c98f68", "1c1410", "bun", "e7ddd0", "checks", "7a3550", glasses="1c1c22"),
    "F06": Look("f0c8ad", "c9a266", "long", "3f6b3a", "plain", eyes="557da0"),
    "M01": Look("e2b08d", "4a2f1a", "short", "35518f", "checks", "d7dce6"),
    "M02": Look("6b432c", "0f0c0a", "buzz", "c65d2e", "plain", beard=0.3),
    "M03": Look("edbd9d", "a8a29a", "fringe", "5d6470", "shirt", "c3cad3", glasses="3a3a40"),
    "M04": Look("d6a27c", "24180f", "parted", "7a3e74", "plain", beard=1.0),
    "M05": Look("b57b55", "14100d", "short", "e0e0dc", "stripes", "2f3a55", beard=0.3),
    "M06": Look("ecc0a4", "8a4a22", "curly", "2d6a86", "hood", "1f4a60", beard=0.6),
    "M07": Look("e0ad8a", "3d2817", "short", "4f7a5a", "plain", eyes="4f6f52"),
    "M08": Look("f0c6aa", "c08a45", "parted", "9b2d2d", "shirt", "e6e3dc", eyes="4f7ea8"),
    "M09": Look("55341f", "0d0b0a", "bald", "b9a13a", "stripes", "45402a", beard=0.3),
    "M10": Look("dca683", "2b1c12", "beanie", "707a7a", "hood", "a8442e", beard=0.6),
    "M11": Look("e6b593", "d8d4cc", "short", "2e3440", "shirt", "8fa7c2", glasses="6a4a2a"),
    "M12": Look("c48a62", "1a130e", "buzz", "3c7fb0", "plain", beard=1.0),
    "M13": Look("efc3a6", "6b4a2c", "bald", "6e4b8e", "checks", "cfc4dd", glasses="202024"),
    "M14": Look("a36c47", "120e0b", "parted", "c9cfd6", "shirt", "49566b"),
}


class Shape(NamedTuple):
    """The proportions of a person: factors around 1."""

    width: float
    height: float
    depth: float
    jaw: float
    eyes: float  # how far apart
    lids: float
    nose: float
    tip: float  # how far down the nose goes
    mouth: float
    neck: float
    shoulders: float
    strong: float  # brow and throat stand out so far


def shape(name: str, rng: np.random.RandomState) -> Shape:
    """Proportions at random; those of women (names with F) are slighter on the whole."""
    drawn = Shape(*(between(rng, 0.93, 1.07) for _ in Shape._fields))
    if not name.startswith("F"):
        return drawn
    woman = Shape(0.96, 0.97, 0.97, 1.2, 0.97, 1.08, 0.93, 0.98, 0.97, 0.86, 0.89, 0.5)
    return Shape(*(one * other for one, other in zip(drawn, woman, strict=True)))
