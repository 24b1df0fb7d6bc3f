"""Unpacking archives that mean harm: nothing is written outside, and nothing half is served."""

import gzip
import io
import random
import stat
import tarfile
from itertools import pairwise

import pytest
from bad_server import pascal_files, tgz
from fuzzing import cases, fuzz
from real_sets import gets, listing, real_set, refuses

from data_scripts.published import unpack as u

pytestmark = pytest.mark.usefixtures("twin_in_use")

FILES = pascal_files()
DATA = tgz(FILES)
TOP = "pascal_2007"


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **values) -> tarfile.TarInfo:
    head = tarfile.TarInfo(name)
    head.type, head.linkname = kind, link
    for key, value in values.items():
        setattr(head, key, value)
    return head


def on_disk(tmp_path, data: bytes):
    """An archive that somebody brought on a stick, and the set that it claims to be."""
    file = tmp_path / "stick" / "brought.tgz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    return {"real": real_set(data, "http://127.0.0.1/pascal_2007.tgz"), "archive": file}


def test_what_is_unpacked_is_what_tarfile_extracts(tmp_path):
    (tmp_path / "a.tgz").write_bytes(DATA)
    u.unpack(tmp_path / "a.tgz", tmp_path / "ours", TOP)
    with tarfile.open(tmp_path / "a.tgz") as tar:
        for name in tar.getnames():
            content = (tmp_path / "ours" / name.removeprefix(f"{TOP}/")).read_bytes()
            assert content == tar.extractfile(name).read() == FILES[name]
    assert len(listing(tmp_path / "ours")) == len(FILES)


def test_folders_may_be_members_and_names_may_begin_with_a_dot(tmp_path):
    files = {f"./{name}": content for name, content in FILES.items()}
    folders = [member(name, tarfile.DIRTYPE) for name in (".", TOP, f"{TOP}/train")]
    gets(**on_disk(tmp_path, tgz(files, *folders)))


def test_what_does_not_lie_in_the_data_sets_folder_is_left_out(tmp_path):
    more = {"._pascal_2007": b"of a Mac", "readme.txt": b"hello", "other/x": b"x"}
    gets(**on_disk(tmp_path, tgz(more | FILES)))


def test_the_archive_that_was_brought_stays(tmp_path):
    brought = on_disk(tmp_path, DATA)
    gets(**brought)
    assert brought["archive"].read_bytes() == DATA


def test_python_3_11_0_which_has_no_filters_unpacks_the_same(monkeypatch, tmp_path):
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    gets(**on_disk(tmp_path, DATA))


# Members that lead elsewhere

OUTSIDE = [
    "../../evil",
    "../evil",
    f"{TOP}/../../evil",
    f"{TOP}/train/../../../evil",
    "..",
    "/evil",
    "//server/share/evil",
    "C:/evil",
    "C:evil",
    "C:\\evil",
    "..\\..\\evil",
    f"{TOP}\\..\\..\\evil",
    "\\\\server\\share\\evil",
    f"{TOP}/train/000001.jpg:hidden",
    f"{TOP}/" + "a/" * 10 + "evil",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name, kind):
    before = set(tmp_path.rglob("*"))
    brought = on_disk(tmp_path, tgz(FILES, member(name, kind)))
    said = refuses(**brought, message="does not lie in the archive's own folders")
    assert repr(name.rstrip("/")) in said
    after = {path for path in tmp_path.rglob("*") if path.parent.name != "stick"}
    assert {path.name for path in after - before} <= {"stick", f"{TOP}.lock", f"{TOP}.licence"}


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "../../../evil"),
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "."),
        (tarfile.SYMTYPE, "train.csv"),
        (tarfile.LNKTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, f"{TOP}/train.csv"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_links_devices_and_pipes_are_refused(tmp_path, kind, link):
    odd = member(f"{TOP}/odd", kind, link, devmajor=1, devminor=3)
    said = refuses(**on_disk(tmp_path, tgz(FILES, odd)), message="neither a file nor a folder")
    assert f"'{TOP}/odd'" in said


def test_a_file_behind_a_link_is_never_reached(tmp_path):
    link = member(f"{TOP}/up", tarfile.SYMTYPE, "../..")
    behind = member(f"{TOP}/up/evil")
    refuses(**on_disk(tmp_path, tgz({}, link, behind)), message="neither a file nor a folder")
    assert not list(tmp_path.rglob("evil"))


def test_a_bomb_of_links_that_double_is_refused_at_the_first(tmp_path):
    names = [TOP + "/" + "l" * size for size in range(1, 60)]
    bomb = [
        member(name, tarfile.SYMTYPE, "/".join([previous.rpartition("/")[2]] * 2))
        for previous, name in pairwise(names)
    ]
    said = refuses(**on_disk(tmp_path, tgz(FILES, *bomb)), message="neither a file nor a folder")
    assert repr(f"{TOP}/ll") in said


def test_owners_and_modes_of_the_archive_are_not_taken_over(tmp_path):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(
            member(f"{TOP}/run", mode=0o6777, uid=12345, gid=12345, size=2), io.BytesIO(b"x\n")
        )
    (tmp_path / "a.tgz").write_bytes(packed.getvalue())
    u.unpack(tmp_path / "a.tgz", tmp_path / "out", TOP)
    (tmp_path / "plain").write_bytes(b"x\n")
    run, plain = (tmp_path / "out" / "run").stat(), (tmp_path / "plain").stat()
    assert stat.S_IMODE(run.st_mode) == stat.S_IMODE(plain.st_mode)
    assert (run.st_uid, run.st_gid) == (plain.st_uid, plain.st_gid)


# Bombs


def test_an_archive_that_grows_far_too_much_is_refused_before_it_is_written(tmp_path):
    bomb = tgz(FILES | {f"{TOP}/zeros": bytes(50_000_000)})
    refuses(**on_disk(tmp_path, bomb), message="claims 50000000 bytes")


def test_a_bomb_behind_the_end_of_the_archive_is_refused(tmp_path):
    tail = gzip.compress(bytes(50_000_000))
    refuses(**on_disk(tmp_path, DATA + tail), message="more comes out of it")


def claiming(size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """An archive that begins with a head of such a size and no content."""
    claim = member(f"{TOP}/claim", kind, size=size).tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(claim + gzip.decompress(DATA), mtime=0)


@pytest.mark.parametrize("size", [1 << 40, 1 << 62, -1, -512, -(1 << 40)])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_head_that_claims_an_impossible_size_is_refused(tmp_path, size, kind):
    message = "claims|damaged or cut off|train.csv is missing"
    refuses(**on_disk(tmp_path, claiming(size, kind)), message=message)


def test_a_head_that_claims_a_little_more_than_there_is_is_refused(tmp_path):
    refuses(**on_disk(tmp_path, claiming(100_000)), message="damaged or cut off")


def test_a_sparse_file_which_claims_a_size_without_bytes_is_refused(tmp_path):
    sparse = member(f"{TOP}/holes", pax_headers={
        "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": f"{TOP}/holes",
        "GNU.sparse.size": "5000", "GNU.sparse.map": "0,0",
    })  # fmt: skip
    refuses(**on_disk(tmp_path, tgz(FILES, sparse)), message="neither a file nor a folder")


def test_far_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(u, "MEMBERS", len(FILES))
    gets(**on_disk(tmp_path, DATA))
    with pytest.raises(u.ArchiveError, match=f"holds more than {len(FILES)} files"):
        (tmp_path / "a.tgz").write_bytes(tgz(FILES, member(f"{TOP}/one_more")))
        u.survey(tmp_path / "a.tgz")


# Damage


@fuzz
@pytest.mark.parametrize("seed", cases(40))
def test_an_archive_cut_off_anywhere_is_refused(tmp_path, seed):
    cut = DATA[: random.Random(seed).randrange(len(DATA))]
    refuses(**on_disk(tmp_path, cut), message="damaged or cut off")


@pytest.mark.parametrize("cut", [0, 1, 2, 10, len(DATA) - 8, len(DATA) - 1])
def test_an_archive_cut_off_at_the_edges_of_gzip_is_refused(tmp_path, cut):
    refuses(**on_disk(tmp_path, DATA[:cut]), message="damaged or cut off")


@fuzz
@pytest.mark.parametrize("seed", cases(60))
def test_a_turned_bit_anywhere_is_found(tmp_path, seed):
    rng = random.Random(seed)
    place = rng.randrange(10, len(DATA))  # before lies gzip's head: the time and the system
    damaged = bytearray(DATA)
    damaged[place] ^= 1 << rng.randrange(8)
    refuses(**on_disk(tmp_path, bytes(damaged)), message="damaged or cut off|is refused")


@pytest.mark.parametrize(
    "data", [b"<html>", b"PK\x03\x04 a zip", gzip.compress(b"no tar", mtime=0), tgz({})[:-8]]
)
def test_what_is_no_tgz_is_refused(tmp_path, data):
    refuses(**on_disk(tmp_path, data), message="damaged or cut off")


# Members that no disk can hold, or not every one


def of_members(*members: tarfile.TarInfo) -> bytes:
    """An archive that ends with these, whatever their names are."""
    packed = io.BytesIO(gzip.decompress(DATA).rstrip(b"\0"))
    packed.seek(-(-len(packed.getvalue()) // 512) * 512)
    packed.write(b"".join(each.tobuf(errors="surrogateescape") for each in members))
    return gzip.compress(packed.getvalue() + bytes(1024), mtime=0)


TOO_LONG = ["n" * 300, "é" * 150, "/".join(["n" * 60] * 4)]
NOT_PRINTED = ["\udcff", "a\nb", "a\x7f", "a\u202eb"]
NOT_ON_WINDOWS = ["con", "NUL.jpg", "com1/a", "a.", "b./a", "a ", "a*", "a?", "a<b", 'a"', "a|b"]


@pytest.mark.parametrize("name", [*TOO_LONG, *NOT_PRINTED, *NOT_ON_WINDOWS])
def test_a_name_that_not_every_system_can_write_is_refused(tmp_path, name):
    odd = of_members(member(f"{TOP}/{name}"))
    refuses(**on_disk(tmp_path, odd), message="is a name that not every system can write")


@pytest.mark.parametrize(
    "names",
    [["a", "a/b"], ["a/b", "a"], ["a/", "a"], ["a", "a"], ["a", "A"], ["d/a", "D/a"], ["a", "A/b"]],
)
def test_two_members_in_one_place_are_refused(tmp_path, names):
    kinds = [tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE for name in names]
    both = [member(f"{TOP}/{name}", kind) for name, kind in zip(names, kinds, strict=True)]
    said = refuses(**on_disk(tmp_path, of_members(*both)), message="stands where another of its")
    assert repr(f"{TOP}/{names[1]}") in said


@pytest.mark.parametrize("name", [TOP, f"{TOP}/.", f"./{TOP}"])
def test_a_file_in_place_of_the_data_sets_folder_is_refused(tmp_path, name):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(member(name))
    refuses(**on_disk(tmp_path, packed.getvalue()), message="train.csv is missing")


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_heads_of_heads_of_heads_are_refused(tmp_path, kind):
    one = member("x", kind, size=12).tobuf(tarfile.USTAR_FORMAT)
    heads = (one + b"12 path=abc\n".ljust(512, b"\0")) * 3000
    data = gzip.compress(heads + gzip.decompress(DATA), mtime=0)
    refuses(**on_disk(tmp_path, data), message="damaged or cut off")


PIECES = [bytes(8), b"\xff" * 8, b"7" * 8, b"-1\0", b"\x80" + b"\xff" * 7, b"12 size=9\n", b"../"]
PIECES += [bytes([kind]) for kind in b"LKxgSVMD05/. "] + [b"\xc3\x28", b"%d=", b"a" * 30]


def with_a_right_checksum(head: bytes) -> bytes:
    total = 8 * ord(" ") + sum(head[:148]) + sum(head[156:])
    return head[:148] + b"%06o\0 " % total + head[156:]


def mangled(seed: int) -> bytes:
    """An archive with odd heads, whose checksums are right all the same."""
    rng, packed = random.Random(seed), io.BytesIO()
    kind = rng.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    with tarfile.open(fileobj=packed, mode="w", format=kind) as tar:
        for name in ("a", "d/b", "d/" + "n" * rng.choice((1, 120))):
            content = rng.randbytes(rng.choice((0, 30, 600)))
            head = member(f"{TOP}/{name}", size=len(content), pax_headers={"comment": "x" * 20})
            tar.addfile(head, io.BytesIO(content))
    data = packed.getvalue()
    blocks = [bytearray(data[start : start + 512]) for start in range(0, len(data), 512)]
    for _ in range(rng.randrange(1, 5)):
        piece = rng.choice(PIECES)
        start = rng.choice((0, 100, 124, 156, 157, 257, 345, rng.randrange(480)))
        rng.choice(blocks[:12])[start : start + len(piece)] = piece
    heads = (with_a_right_checksum(block) if block[257:262] == b"ustar" else block
             for block in blocks)  # fmt: skip
    return gzip.compress(b"".join(map(bytes, heads)), 1, mtime=0)


@fuzz
def test_whatever_the_heads_say_an_archive_is_unpacked_in_its_folder_or_refused(tmp_path):
    file, refused = tmp_path / "a.tgz", 0
    for seed in cases(500):
        file.write_bytes(mangled(seed))
        folder = tmp_path / "inside" / str(seed)
        try:
            u.survey(file)
            u.unpack(file, folder, TOP)
        except u.ArchiveError as error:
            refused += 1
            assert str(file) in str(error)
            assert not folder.exists(), "survey has to find it before anything is written"
    assert 0.1 < refused / (seed + 1) < 0.9
    assert {path.name for path in tmp_path.iterdir()} <= {"a.tgz", "inside", "home"}
