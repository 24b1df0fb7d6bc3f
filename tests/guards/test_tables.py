"""A csv of the learner's own is read, or a sentence says what to write instead."""

import random
import zipfile

import pandas as pd
import pytest
from fuzzing import cases, fuzz

from lessonlib.guards.tables import read_table
from lessonlib.guards.teaching import TeachingError


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


def test_a_separator_that_pandas_chooses_is_left_to_it(write):
    assert read_table(write("a|b\n1|2\n"), sep=None, engine="python").shape == (1, 2)
    with pytest.raises(TeachingError, match="has no column 'b'"):
        read_table(write("a\nx\n"), sep=None, engine="python", columns=["b"])


def test_a_comma_where_a_semicolon_was_said_is_named(write):
    assert 'sep=","' in refused(write("a,b\n1,2\n"), sep=";")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be"])
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
    assert "damaged zip archive" in refused(write(b"PK\x03\x04\x14", "my.xlsx"))
    assert "line 3" in refused(write("a,b\n1,2\n1,2,3\n"))


@pytest.mark.parametrize(
    "content, what",
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook"),
        ("\n<!DOCTYPE html>\n<title>Log in</title>\n", "a web page"),
        ("\ufeff<html><body>403, forbidden</body></html>", "a web page"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(write, content, what):
    assert f"my.csv is {what}" in refused(write(content))


def test_a_table_in_a_zip_and_one_whose_names_look_like_tags_are_tables(write, tmp_path):
    write("<name>,<price>\ntea,2\n")
    assert read_table(tmp_path / "my.csv").columns.tolist() == ["<name>", "<price>"]
    with zipfile.ZipFile(tmp_path / "my.csv.zip", "w") as archive:
        archive.write(tmp_path / "my.csv", "my.csv")
    assert read_table(tmp_path / "my.csv.zip").shape == (1, 2)


def test_a_column_that_is_not_there_hears_which_are(write):
    said = refused(write("name,price\ntea,2\n"), columns=["name", "cost"])
    assert "'cost'" in said and "'name', 'price'" in said
    said = refused(write("\ufeff\ufeffname,cost \ntea,2\n"), columns=["name"])
    assert r"'\ufeffname', 'cost '" in said  # what nobody sees is seen


@pytest.mark.parametrize("end", [",", ""])
def test_commas_at_the_ends_of_rows_shift_nothing(write, end):
    df = read_table(write(f"name,price,old\ntea,02,True,\nfig,3,False{end}\n"))
    assert df.to_dict("list") == {
        "name": ["tea", "fig"],
        "price": ["02", "3"],
        "old": [True, False],
    }


def test_cells_that_belong_to_no_column_are_refused(write):
    text = "name,kinds\ntea,green,black\nfig,dried\n"
    said = refused(write(text))
    assert "first row has more cells" in said and 'quotes around it: "one, two"' in said
    cured = read_table(write(text.replace("green,black", '"green,black"')))
    assert cured["kinds"].tolist() == ["green,black", "dried"]


def test_numbers_that_begin_with_a_zero_keep_it(write):
    path = write("id,size,share\n007,10,0.5\n12,11,-0.25\n")
    assert read_table(path).to_dict("list") == {
        "id": ["007", "12"], "size": [10, 11], "share": [0.5, -0.25]
    }  # fmt: skip
    assert read_table(path, dtype={"id": int})["id"].tolist() == [7, 12]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_texts_that_are_half_zeros_are_no_utf_8(write, encoding):
    assert f'encoding="{encoding}"' in refused(write("name\ntea\n", encoding=encoding))


def test_an_encoding_that_does_not_exist_is_named(write):
    said = refused(write("name\ntea\n"), encoding="utf-8-sick")
    assert "no encoding 'utf-8-sick'" in said and '"cp1252"' in said


@fuzz
def test_of_damaged_tables_nothing_shifts_and_nothing_raises_another_error(write):
    chance = random.Random(0)
    good = b'id,name,size\n1,"tea, green",2.5\n2,fig,3\n3,,4\n4,caf\xc3\xa9,5\n'
    for _ in cases(400):
        content = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 2)] = chance.choice(
                [b",", b"\n", b'"', b"\r", b"\0", b"\xe9", b";", b"0", b"\t", b" "]
            )
        try:
            df = read_table(write(bytes(content)))
        except TeachingError:
            continue
        assert isinstance(df.index, pd.RangeIndex), bytes(content)


def test_the_learners_own_line_is_shown(write):
    assert "Your line: read_table(path, **options)" in refused(write(""))
