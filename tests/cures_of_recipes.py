"""What test_cures.py tries out: messages about tables, labels, splits and getters."""

import io

import numpy as np
import pandas as pd
from cures import Case

from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    MultiCategoryBlock,
    RegressionBlock,
    TransformBlock,
)
from lessonlib.getters import ColReader, ColSplitter, FuncSplitter, GroupSplitter, RandomSplitter

NAN = float("nan")


def table(**columns):
    """Six rows; a column may be replaced."""
    rows = {
        "fname": [f"{n}.png" for n in range(6)],
        "labels": ["cat", "dog", "cat dog", "dog", "cat", "cat"],
        "is_valid": [False, False, False, False, True, True],
    }
    return pd.DataFrame(rows | columns)


def from_csv(text, **options):
    return pd.read_csv(io.StringIO(text), **options)


def recipe(block=MultiCategoryBlock, get_y=None, splitter=None, **options):
    get_y = get_y or ColReader("labels", label_delim=" ")
    return DataBlock((TransformBlock, block), get_x=ColReader("fname"), get_y=get_y,
                     splitter=splitter or ColSplitter(), **options)  # fmt: skip


def one_label(df):
    return recipe(CategoryBlock, ColReader("label")).datasets(df)


HEAD = "fname,label,is_valid\n"
HOLE = HEAD + "a,dog,False\nb,,False\nc,cat,False\nd,dog,True\n"
ZEROS = HEAD + "a,007,False\nb,010,False\nc,007,True\n"
SHUFFLED = table().sample(frac=1, random_state=1)
by_labels = lambda df: (df.index[~df["is_valid"]].tolist(), df.index[df["is_valid"]].tolist())  # noqa: E731
PATHS = [f"{folder}/{name}" for folder in ("12", "13") for name in "abc"]


def by_folder(valid):
    splitter = GroupSplitter(lambda path: path.split("/")[0], valid)
    return DataBlock(get_y=lambda path: 1, splitter=splitter).datasets(PATHS)


def as_numbers(df):
    df["label"] = pd.to_numeric(df["label"], errors="coerce")
    return df.dropna(subset=["label"])


def regression(df):
    return list(recipe(RegressionBlock, ColReader("label")).datasets(df))


def with_valid(text, mend=lambda df: df):
    df = from_csv(text, keep_default_na=False)
    mend(df)
    return recipe(CategoryBlock, ColReader("label")).datasets(df)


def compared_with(value):
    def mend(df):
        df["is_valid"] = df["is_valid"] == value

    return mend


BLANK_VALID = HEAD + "a,dog,False\nb,dog,\nc,dog,True\n"
ONES = HEAD + "a,dog,0\nb,dog,0\nc,dog,1\n"
RECIPES = [
    Case(
        "guards.blocks.batch_fits",
        lambda: recipe().dataloaders(table(), batch_size=64),
        "a batch size of at most 4, batch_size=4",
        lambda: recipe().dataloaders(table(), batch_size=4).one_batch(),
    ),
    Case(
        "guards.blocks.batch_fits",
        lambda: recipe().dataloaders(table().loc[[0, 4]], batch_size=2),
        "put more items into training",
        lambda: recipe().dataloaders(table().loc[[0, 1, 4]], batch_size=2).one_batch(),
    ),
    Case(
        "guards.blocks.one_getter_each",
        lambda: DataBlock(getters=len),
        r"getters=\[get_x, get_y\]",
        lambda: DataBlock(getters=[len, len]),
    ),
    Case(
        "guards.blocks.one_getter_each",
        lambda: DataBlock(get_y=[len, len]),
        "n_inp says how many blocks are inputs",
        lambda: DataBlock((TransformBlock,) * 3, n_inp=1, get_y=[len, len]),
    ),
    Case(
        "guards.blocks.labels_are_a_list",
        lambda: recipe(get_y=ColReader("labels")).datasets(table()),
        r"row\['labels'\]\.split\(\)",
        lambda: recipe(get_y=lambda row: row["labels"].split()).datasets(table()),
    ),
    Case(
        "guards.blocks.labels_are_a_list",
        lambda: recipe(get_y=lambda row: {row["labels"]}).datasets(table()),
        "let get_y return a list of texts",
        lambda: recipe(get_y=lambda row: [row["labels"]]).datasets(table()),
    ),
    Case(
        "guards.blocks.labels_are_a_list",
        lambda: recipe(get_y=ColReader("label")).datasets(from_csv(HOLE).loc[[1, 3]]),
        r"keep_default_na=False.*Split a list's text",
        lambda: recipe(get_y=ColReader("label", label_delim=" ")).datasets(
            from_csv(HOLE, keep_default_na=False)
        ),
    ),
    Case(
        "guards.blocks.labels_are_a_list",
        lambda: recipe(get_y=lambda row: row["labels"].split(" ")).datasets(
            table(labels=["", "cat", "dog", "", "", ""])
        ),
        r"row\['labels'\]\.split\(\) gives \[\]",
        lambda: recipe(get_y=lambda row: row["labels"].split()).datasets(
            table(labels=["", "cat", "dog", "", "", ""])
        ),
    ),
    Case(
        "guards.blocks.labels_are_texts",
        lambda: one_label(from_csv(HOLE)),
        r"keep_default_na=False.*leave those without one out",
        lambda: one_label(from_csv(HOLE, keep_default_na=False).query("label != ''")),
    ),
    Case(
        "guards.blocks.labels_are_texts",
        lambda: one_label(from_csv(ZEROS)),
        r"dtype={'label': str}, keep_default_na=False",
        lambda: one_label(from_csv(ZEROS, dtype={"label": str}, keep_default_na=False)),
    ),
    Case(
        "guards.blocks.labels_are_texts",
        lambda: one_label(table(label=[["cat"]] * 6)),
        "let get_y return a text",
        lambda: one_label(table(label=["cat"] * 6)),
    ),
    Case(
        "guards.blocks.labels_are_texts",
        lambda: one_label(from_csv(HOLE, keep_default_na=False)),
        r"df\[df\['label'\] != ''\]",
        lambda: one_label(from_csv(HOLE, keep_default_na=False).query("label != ''")),
    ),
    Case(
        "guards.blocks.labels_are_texts",
        lambda: one_label(from_csv(HOLE, keep_default_na=False)),
        "MultiCategoryBlock, where a list may be empty",
        lambda: recipe(get_y=ColReader("label", label_delim=" ")).datasets(
            from_csv(HOLE, keep_default_na=False)
        ),
    ),
    Case(
        "guards.blocks.classes_have_names",
        lambda: recipe(MultiCategoryBlock(vocab={"cat", "dog"})).datasets(table()),
        r"vocab=\['cat', 'dog'\]",
        lambda: recipe(MultiCategoryBlock(vocab=["cat", "dog"])).datasets(table()),
    ),
    Case(
        "guards.blocks.classes_have_names",
        lambda: recipe().datasets(table(labels=[""] * 6)),
        r"vocab=\[…\]",
        lambda: recipe(MultiCategoryBlock(vocab=["cat"])).datasets(table(labels=[""] * 6)),
    ),
    Case(
        "guards.blocks.classes_have_names",
        lambda: recipe(MultiCategoryBlock(vocab=["cat", "dog", "cat"])).datasets(table()),
        "name each class once",
        lambda: recipe(MultiCategoryBlock(vocab=["cat", "dog"])).datasets(table()),
    ),
    *(
        Case(
            "guards.blocks.known_labels",
            lambda: recipe().datasets(table(labels=["cat"] * 4 + ["zebra"] * 2)),
            words,
            cured,
        )
        for words, cured in {
            "move one such item to training": lambda: recipe().datasets(
                table(
                    labels=["cat"] * 4 + ["zebra"] * 2,
                    is_valid=[True, False, False, False, True, False],
                )
            ),
            "leave these items out": lambda: recipe().datasets(
                table(labels=["cat"] * 4 + ["zebra", "cat"]).drop(index=4)
            ),
            r"name all classes in the block's vocab=": lambda: recipe(
                MultiCategoryBlock(vocab=["cat", "zebra"])
            ).datasets(table(labels=["cat"] * 4 + ["zebra"] * 2)),
        }.items()
    ),
    Case(
        "guards.splits.splits_are_sound",
        lambda: recipe(splitter=lambda df: [0, 1, 2]).datasets(table()),
        r"return \(training positions, validation positions\)",
        lambda: recipe(splitter=lambda df: ([0, 1], [2])).datasets(table()),
    ),
    Case(
        "guards.splits.splits_are_sound",
        lambda: recipe(splitter=RandomSplitter(0.5)).datasets(table().head(0)),
        r"look at len\(get_items\(source\)\)",
        lambda: recipe(splitter=RandomSplitter(0.5)).datasets(table(labels=["cat"] * 6)),
    ),
    Case(
        "guards.splits.leaves_both_sides",
        lambda: RandomSplitter(20),
        r"RandomSplitter\(0.2\) for a fifth",
        lambda: RandomSplitter(0.2)(range(5)),
    ),
    Case(
        "guards.splits.splits_are_sound",
        lambda: recipe(splitter=RandomSplitter(0.1)).datasets(table()),
        "a larger valid_pct",
        lambda: recipe(splitter=RandomSplitter(0.5, seed=0)).datasets(table(labels=["cat"] * 6)),
    ),
    Case(
        "guards.splits.splits_are_sound",
        lambda: recipe(splitter=lambda df: (["a"], ["b"])).datasets(table()),
        r"np\.flatnonzero\(mask\), or use ColSplitter",
        lambda: recipe(
            splitter=lambda df: (np.flatnonzero(~df["is_valid"]), np.flatnonzero(df["is_valid"]))
        ).datasets(table()),
    ),
    Case(
        "guards.splits.splits_are_sound",
        lambda: recipe(splitter=lambda df: ([0, 1, 2], [2, 3])).datasets(table()),
        "occur in one of the two lists",
        lambda: recipe(splitter=lambda df: ([0, 1, 2], [3])).datasets(table()),
    ),
    Case(
        "guards.splits.positions_not_labels",
        lambda: recipe(splitter=by_labels).datasets(SHUFFLED),
        r"use ColSplitter\('is_valid'\)",
        lambda: recipe(splitter=ColSplitter("is_valid")).datasets(SHUFFLED),
    ),
    Case(
        "guards.splits.yes_or_no",
        lambda: DataBlock(splitter=FuncSplitter(lambda p: p[:2])).datasets(PATHS),
        "compare: lambda path:",
        lambda: DataBlock(splitter=FuncSplitter(lambda p: p[:2] == "13")).datasets(PATHS),
    ),
    Case(
        "guards.splits.yes_or_no",
        lambda: with_valid(BLANK_VALID),
        r"df\['is_valid'\] = df\['is_valid'\] == 'True'",
        lambda: with_valid(BLANK_VALID, compared_with("True")),
    ),
    Case(
        "guards.splits.yes_or_no",
        lambda: with_valid(ONES),
        r"df\['is_valid'\] = df\['is_valid'\] == 1",
        lambda: with_valid(ONES, compared_with(1)),
    ),
    Case(
        "guards.splits.groups_exist",
        lambda: by_folder({13}),
        r"as a set, such as \{'12'\}",
        lambda: by_folder({"12"}),
    ),
    Case(
        "guards.splits.groups_exist", lambda: by_folder("13"), "as a set", lambda: by_folder({"13"})
    ),
    Case(
        "guards.splits.groups_exist", lambda: by_folder(13), "as a set", lambda: by_folder({"13"})
    ),
    Case(
        "guards.tensors.are_numbers",
        lambda: regression(
            from_csv(HEAD + "a,1,False\nb,,False\nc,2,True\n", keep_default_na=False)
        ),
        r"pd\.to_numeric\(df\[name\], errors='coerce'\).*df\.dropna\(subset=\[name\]\)",
        lambda: regression(
            as_numbers(from_csv(HEAD + "a,1,False\nb,,False\nc,2,True\n", keep_default_na=False))
        ),
    ),
    Case(
        "guards.tensors.are_numbers",
        lambda: regression(from_csv(HEAD + "a,1,False\nb,,False\nc,2,True\n")),
        r"df\.dropna\(subset=\[name\]\)",
        lambda: regression(
            from_csv(HEAD + "a,1,False\nb,,False\nc,2,True\n").dropna(subset=["label"])
        ),
    ),
    Case(
        "engine.loaders.__call__",
        lambda: recipe(get_y=lambda row: row["lables"]).datasets(table()),
        "try the getter on this one item",
        lambda: recipe(get_y=lambda row: row["labels"].split()).datasets(table()),
    ),
]
