"""What test_cures.py tries out, in a folder: messages about a csv of the learner's own."""

import io
import zipfile

from cures import Case

from lessonlib.guards.tables import read_table

TEXT = "name,kinds\ntea,green\nfig,dried\n"


def zipped(*names, content=TEXT):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def put(folder, content=TEXT, name="my.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def read(content=TEXT, name="my.csv", **options):
    return lambda folder: read_table(put(folder, content, name), **options)


def case(fault, words, cured):
    return Case("guards.tables.read_table", fault, words, cured)


def listed(folder):
    put(folder, name="films.csv.txt")
    read_table(folder / "films.csv")


def unpacked(folder):
    with zipfile.ZipFile(folder / "my.csv") as archive:
        archive.extractall(folder / "unpacked")
    read_table(folder / "unpacked" / "one.csv")


CAFE = "name,kinds\ncafé,Kaffeetüte\n"
TABLES = [
    case(
        listed,
        "in that folder there are films.csv.txt",
        lambda folder: read_table(folder / "films.csv.txt"),
    ),
    case(
        lambda folder: read_table(put(folder).parent),
        "but a folder.*in that folder there are my.csv",
        lambda folder: read_table(folder / "my.csv"),
    ),
    case(read(zipped("xl/workbook.xml"), "my.xlsx"), "save the sheet as CSV UTF-8", read()),
    case(read(zipped("content.xml")), "save the sheet as CSV UTF-8", read("\ufeff" + TEXT)),
    case(read(b"\xd0\xcf\x11\xe0\xa1\xb1", "my.xls"), "save the sheet as CSV UTF-8", read()),
    case(read("<!DOCTYPE html>"), "download the file again", read()),
    case(read(zipped("one.csv")), "a zip archive.*unpack it, and give the path", unpacked),
    case(read(zipped("one.csv", "two.csv")), "a zip archive.*unpack it", unpacked),
    case(
        read(zipped("one.csv")[:-9], "my.zip"),
        "download it again",
        read(zipped("one.csv"), "my.zip"),
    ),
    case(
        read(encoding="utf-8-sick"),
        'try "utf-8", "cp1252" or "utf-16"',
        lambda folder: [
            read(CAFE.encode(encoding), encoding=encoding)(folder)
            for encoding in ("utf-8", "cp1252", "utf-16")
        ],
    ),
    case(read(""), "save it again from where it comes", read()),
    case(read(skiprows=3), "skip fewer rows", read(skiprows=0)),
    case(read(header=5), "say header=0, or leave it out", read(header=0)),
    case(read("a,b\n1,2\n1,2,3\n"), 'quotes around it: "one, two"', read('a,b\n1,2\n1,"2,3"\n')),
    case(
        read("a;b\n1;2\n1;2;3\n", sep=";"),
        'quotes around it: "one; two"',
        read('a;b\n1;2\n1;"2;3"\n', sep=";"),
    ),
    case(read('a,b\n"x,2\n3,4\n'), "needs one at its end", read('a,b\n"x",2\n3,4\n')),
    case(read(columns=["price"]), "choose among 'name', 'kinds'", read(columns=["name", "kinds"])),
]


def said_encoding(content, given, cure, name="my.csv"):
    return case(
        read(content, name, encoding=given),
        f'try encoding="{cure}"',
        read(content, name, encoding=cure),
    )


def said_mark(mark, spelt):
    content, zip_name = TEXT.replace(",", mark), "my.csv.zip"
    for given in ((content,), (zipped("my.csv", content=content), zip_name)):
        yield case(read(*given), f"sep={spelt}", read(*given, sep=mark))


TABLES += [
    said_encoding(CAFE.encode("cp1252"), "utf-8", "cp1252"),
    said_encoding(CAFE.encode("cp1252") + b"\x81", "cp1252", "latin-1"),
    said_encoding(CAFE.encode(), "utf-16", "utf-8"),
    said_encoding(CAFE.encode("utf-16"), "utf-8", "utf-16"),
    said_encoding(CAFE.encode("utf-16-le"), "utf-8", "utf-16-le"),
    said_encoding("Ж,kinds\n1,2\n".encode("utf-16-be"), "cp1252", "utf-16-be"),
    case(
        read(CAFE.encode("utf-16")[:-1], encoding="utf-16"),
        "copy or download it again",
        read(CAFE.encode("utf-16"), encoding="utf-16"),
    ),
    said_encoding(zipped("a.csv", content=CAFE.encode("cp1252")), "utf-8", "cp1252", "a.csv.zip"),
    *said_mark(";", '";"'),
    *said_mark("\t", r'"\\t"'),
    *said_mark("|", r'"\|"'),
]
