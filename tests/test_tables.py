"""A csv of the learner's own is read, or a sentence says what to write instead."""

import pandas as pd
import pytest

from lessonlib.tables import read_table
from lessonlib.teaching import TeachingError


@pytest.fixture
def write(tmp_path):
    def write(text, name="my.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return path

    return write


def refused(path, **options):
    with pytest.raises(TeachingError) as raised:
        read_table(path, **options)
    return str(raised.value)


def test_a_table_comes_as_it_is_with_blanks_as_empty_texts(write):
    df = read_table(write("name,price\ntea,2\n,3\nNA,4\n"), columns=["price"])
    assert df.equals(pd.DataFrame({"name": ["tea", "", "NA"], "price": [2, 3, 4]}))
    assert read_table(write("a\nx\n")).shape == (1, 1)  # one column may be right
    assert read_table(write("a;b\nx;1,5\n"), sep=";", decimal=",")["b"].tolist() == [1.5]
    assert read_table(str(write("a,b\n,1\n")), keep_default_na=True)["a"].isna().all()


@pytest.mark.parametrize(
    "text, cure",
    [("a;b\n1;2\n", 'sep=";"'), ("a\tb\n1\t2\n", 'sep="\\t"'), ("a|b\n1|2\n", 'sep="|"'),
     ("a;b;c\n1,5;2;3\n1;2;3,5,6\n", 'sep=";"')],
)  # fmt: skip
def test_another_separator_is_named(write, text, cure):
    assert cure in refused(write(text))


def test_a_comma_where_a_semicolon_was_said_is_named(write):
    assert 'sep=","' in refused(write("a,b\n1,2\n"), sep=";")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_named_and_the_cure_works(write, encoding):
    path = write("name\ncafé\n", encoding=encoding)
    assert f'encoding="{encoding}"' in refused(path)
    assert read_table(path, encoding=encoding)["name"].tolist() == ["café"]


def test_a_missing_file_hears_what_lies_beside_it(write, tmp_path):
    write("a\n1\n", "films.csv")
    said = refused(tmp_path / "film.csv")
    assert "There is no file" in said and "films.csv" in said
    assert "look where it really is" in refused(tmp_path / "nowhere" / "film.csv")
    assert "There is no file" in refused(tmp_path)


def test_empty_files_workbooks_and_ragged_rows_are_named(write):
    assert "is empty" in refused(write(""))
    assert "Excel workbook" in refused(write(b"PK\x03\x04\x14", "my.xlsx"))
    assert "line 3" in refused(write("a,b\n1,2\n1,2,3\n"))


def test_a_column_that_is_not_there_hears_which_are(write):
    said = refused(write("name,price\ntea,2\n"), columns=["name", "cost"])
    assert "'cost'" in said and "name, price" in said


def test_the_learners_own_line_is_shown(write):
    assert "Your line: read_table(path, **options)" in refused(write(""))
