"""What every figure and widget looks like: the colours, and what each of them means."""

# Okabe and Ito's palette: distinguishable with every common kind of colour blindness. Its purple
# is too pale for a thin line on white; this one is Tol's.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#AA3377", "#E69F00", "#56B4E9", "#000000")

NAMES = {"accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "F1"}
BAND, CHEAP = COLOURS[5], COLOURS[4]
# A quantity has the same colour and dashes wherever it is drawn. Dashes, for whoever cannot tell
# the colours apart: what is drawn and what is left out, in widths of the line.
LOOKS: dict[str, tuple[str, tuple[float, ...]]] = {
    "accuracy": (COLOURS[0], ()),
    "precision": (COLOURS[1], (4.5, 1.5)),
    "recall": (COLOURS[2], (1.5, 1.5)),
    "F1": (COLOURS[3], (4.5, 1.5, 1.5, 1.5)),
    "saying nothing": (COLOURS[6], (1, 2)),
    "false alarms": (COLOURS[1], (4.5, 1.5)),  # they are what precision lacks,
    "missed": (COLOURS[2], (1.5, 1.5)),  # this is what recall lacks,
    "both": (CHEAP, ()),  # and this is their cost when each costs 1
}

# A target is a ring, so that a prediction in it, a cross, can be seen; both have a white rim.
MARKS = {
    "target": {
        "marker": "o", "color": COLOURS[0], "markersize": 12, "markeredgewidth": 2.5,
        "fillstyle": "none",
    },
    "prediction": {"marker": "X", "color": COLOURS[1], "markersize": 8, "markeredgecolor": "white"},
}  # fmt: skip

# Behind a text that may lie on a curve.
PAPER = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}


def look(name: str) -> dict:
    """How matplotlib draws a quantity's curve; empty for what has no look of its own."""
    if name not in LOOKS:
        return {}
    colour, dashes = LOOKS[name]
    return {"color": colour, "dashes": dashes}
