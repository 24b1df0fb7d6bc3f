"""Fetching from servers that misbehave: the whole right data set, or a sentence and the twin."""

import errno
import importlib.util
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import real_sets
from bad_server import (
    HURRIED,
    MD5_BYTES,
    STEADY,
    Handler,
    fails,
    page,
    pascal_files,
    published,
    sends,
    serving,
    tgz,
)
from fuzzing import cases, fuzz
from real_sets import PART, gets, real_set, refuses
from serving import free_port

from data_scripts import storage
from data_scripts.published import archive
from data_scripts.published.fetch import CHUNK, fetch
from data_scripts.published.real import use_real
from lessonlib.engine import catalog

pytestmark = pytest.mark.usefixtures("twin_in_use")

DATA = tgz(pascal_files())
HALF = len(DATA) // 2
OTHER_PROCESS = """
import sys
from bad_server import pascal_files, tgz
from real_sets import real_set
from data_scripts.published.real import use_real

use_real(real_set(tgz(pascal_files()), sys.argv[1]), accept=True)
"""


def start(url: str) -> subprocess.Popen:
    """Fetch in a process of its own."""
    command = [sys.executable, "-c", OTHER_PROCESS, url]
    return subprocess.Popen(command, cwd=Path(real_sets.__file__).parent, stderr=subprocess.DEVNULL)


def changed(data: bytes, place: int) -> bytes:
    """The same length, another byte."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def in_two_parts(second_half):
    """A server that breaks off at the half, and what it does when asked again."""
    return serving(sends(DATA, cut=HALF), second_half)


def test_a_good_server_is_asked_once():
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 1 and "Range" not in server.asked[0]


# Breaks


@fuzz
@pytest.mark.parametrize("seed", cases(40))
def test_a_server_that_cuts_at_random_bytes_sends_no_byte_twice(seed):
    rng = random.Random(seed)
    cuts = [sends(DATA, cut=rng.randrange(len(DATA))) for _ in range(6)]
    with serving(*cuts, sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert sum(server.sent) == len(DATA)


@fuzz
@pytest.mark.parametrize("seed", cases(10))
def test_a_server_that_ignores_range_is_taken_from_the_start(seed):
    cut = random.Random(seed).randrange(1, len(DATA))
    with serving(sends(DATA, cut=cut), sends(DATA, ranges=False)) as server:
        gets(real_set(DATA, server.url))
    assert server.asked[1]["Range"] == f"bytes={cut}-" and server.sent == [cut, len(DATA)]


def test_a_server_that_stalls_is_asked_again_for_the_rest():
    with serving(sends(DATA, cut=70_000, stall=True), sends(DATA)) as server:
        gets(real_set(DATA, server.url), patience=HURRIED)
    assert server.sent == [70_000, len(DATA) - 70_000]


def test_a_server_that_never_answers_in_time_is_given_up():
    with serving(sends(DATA, cut=0, stall=True)) as server:
        refuses(real_set(DATA, server.url), "does not answer in time", patience=HURRIED)
    assert len(server.asked) == 4


def test_errors_of_the_server_are_tried_again():
    with serving(fails(500), fails(503), fails(429), sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 4


def test_patience_begins_anew_with_every_hundredth_that_comes():
    three = [fails(500)] * 3
    with serving(*three, sends(DATA, cut=HALF), *three, sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 8


def test_a_server_that_gives_a_few_bytes_at_a_time_is_given_up():
    with serving(sends(DATA, cut=len(DATA) // 200)) as server:
        refuses(real_set(DATA, server.url), "could not be fetched", left=PART)
    assert len(server.asked) == 4


def test_of_a_tiny_archive_nothing_at_all_is_no_progress(tmp_path):
    with serving(*[fails(500)] * 6, fails(404)) as server:  # the last, lest it go on for ever
        tiny = published(b"\x1f\x8b" + bytes(60), server.url)
        with pytest.raises(OSError, match="could not be fetched"):
            fetch(tiny, tmp_path, lambda file: None, STEADY)
    assert len(server.asked) == 4


@pytest.mark.parametrize(("status", "times"), [(500, 4), (404, 1), (403, 1)])
def test_a_server_without_the_archive_is_named_with_the_way_around_it(status, times):
    with serving(fails(status)) as server:
        said = refuses(real_set(DATA, server.url), f"{server.url}: .*status {status}")
    assert len(server.asked) == times
    assert "--archive" in said and "\n" not in said


def test_without_a_network_the_address_and_the_way_around_it_are_named():
    url = f"http://127.0.0.1:{free_port()}/pascal_2007.tgz"
    said = refuses(real_set(DATA, url), "no connection")
    assert f"bring {url} to this computer in another way, and add --archive" in said


def test_what_came_before_the_network_went_is_kept_for_the_next_call():
    with serving(sends(DATA, cut=HALF), fails(500)) as server:
        refuses(real_set(DATA, server.url), "goes on after 1 MB", left=PART)
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert server.asked[0]["Range"] == f"bytes={HALF}-"


def test_ctrl_c_in_the_middle_is_a_word_and_the_next_call_goes_on(monkeypatch, twin_in_use):
    def interrupt(*args):
        raise KeyboardInterrupt

    with serving(sends(DATA)) as server:
        real = real_set(DATA, server.url)
        with monkeypatch.context() as patch:
            patch.setattr(
                "data_scripts.published.fetch.check_md5", interrupt
            )  # after the first chunk
            with pytest.raises(SystemExit, match="Stopped. Repeat the command"):
                use_real(real, accept=True)
        assert catalog.source("pascal") == "twin"
        came = (twin_in_use / "pascal_2007.tgz.part").stat().st_size
        gets(real)
    assert 0 < came < len(DATA) and server.asked[1]["Range"] == f"bytes={came}-"


def test_kill_9_in_the_middle_and_the_next_call_goes_on(twin_in_use):
    with serving(sends(DATA, cut=70_000, stall=True), sends(DATA)) as server:
        part = twin_in_use / "pascal_2007.tgz.part"
        process = start(server.url)
        while not (part.exists() and part.stat().st_size) and process.poll() is None:
            time.sleep(0.02)
        process.kill()
        process.wait()
        came = part.stat().st_size
        assert catalog.source("pascal") == "twin" and 0 < came <= 70_000
        gets(real_set(DATA, server.url))
    assert server.asked[1]["Range"] == f"bytes={came}-"


def test_of_two_processes_the_second_waits_and_fetches_nothing(twin_in_use):
    with serving(sends(DATA)) as server:
        both = [start(server.url) for _ in range(2)]
        assert [process.wait(timeout=120) for process in both] == [0, 0]
        assert len(server.asked) == 1
        gets(real_set(DATA, server.url))


# Other bytes


@pytest.mark.parametrize("with_length", [True, False])
def test_an_error_page_with_status_200_is_refused(with_length):
    with serving(page(with_length)) as server:
        refuses(real_set(DATA, server.url), "could not be fetched")
    assert len(server.asked) == 1


@pytest.mark.parametrize("with_length", [True, False])
def test_an_error_page_does_not_cost_what_came_before_it(with_length):
    with in_two_parts(page(with_length)) as server:
        refuses(real_set(DATA, server.url), "could not be fetched", left=PART)
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert server.sent == [len(DATA) - HALF]


@pytest.mark.parametrize(
    ("place", "cause"),
    [(100, "md5"), (MD5_BYTES - 1, "md5"), (MD5_BYTES, "damaged"), (-9, "damaged")],
)
def test_wrong_bytes_of_the_right_length_are_found_and_deleted(place, cause):
    wrong = changed(DATA, place % len(DATA))
    with serving(sends(wrong)) as server:
        refuses(real_set(DATA, server.url), cause)
    assert len(server.asked) == 1, "the same wrong bytes are not fetched twice"


@pytest.mark.parametrize("place", [100, -9])
def test_after_wrong_bytes_the_next_address_is_asked(place):
    wrong = changed(DATA, place % len(DATA))
    with serving(sends(wrong)) as bad, serving(sends(DATA)) as good:
        gets(real_set(DATA, bad.url, good.url))
    assert "Range" not in good.asked[0]


def test_a_part_with_wrong_bytes_is_found_in_the_end_and_fetched_anew(twin_in_use):
    part = changed(DATA, HALF)[: HALF + 1]  # as a computer may leave it that lost its power
    (twin_in_use / "pascal_2007.tgz.part").write_bytes(part)
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert server.sent == [len(DATA) - len(part), len(DATA)]


def test_a_part_that_is_too_long_is_fetched_anew(twin_in_use):
    (twin_in_use / "pascal_2007.tgz.part").write_bytes(DATA + b"more")
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert "Range" not in server.asked[0]


@pytest.mark.parametrize("missing", [1, 1000])
def test_a_truncated_archive_is_refused_before_it_is_fetched(missing):
    with serving(sends(DATA[:-missing])) as server:
        refuses(real_set(DATA, server.url), f"{len(DATA) - missing} bytes there instead of")


def test_the_rest_of_a_longer_file_is_refused():
    with in_two_parts(sends(DATA + b"more", etag='"1"')) as server:
        refuses(real_set(DATA, server.url), "asked for bytes", left=PART)


@pytest.mark.parametrize("if_range", [True, False])
def test_a_file_that_changed_between_two_tries_is_not_glued_to_the_old_part(if_range):
    old = changed(DATA, HALF - 1)
    new = sends(DATA, etag='"2"', if_range=if_range)
    with serving(sends(old, cut=HALF, etag='"1"'), new) as server:
        gets(real_set(DATA, server.url))
    assert server.asked[1]["If-Range"] == '"1"'
    assert server.sent[-1] == len(DATA)


def test_a_weak_etag_is_not_trusted_with_half_a_file():
    with serving(sends(DATA, cut=HALF, etag='W/"1"'), sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert "If-Range" not in server.asked[1]


def test_a_body_packed_once_more_is_not_asked_for():
    with serving(sends(DATA)) as server:
        gets(real_set(DATA, server.url))
    assert server.asked[0]["Accept-Encoding"] == "identity"


def test_a_body_that_calls_itself_gzip_stays_the_archive():
    def answer(handler: Handler) -> None:  # what Apache may say of a .tgz
        handler.begin(200, Content_Length=len(DATA), Content_Encoding="x-gzip")
        handler.wfile.write(DATA)

    with serving(answer) as server:
        gets(real_set(DATA, server.url))


def test_a_body_without_a_length_is_taken_and_one_that_ends_early_is_not():
    def answer(handler: Handler) -> None:
        handler.begin(200)
        handler.wfile.write(DATA[: next(lengths)])

    lengths = iter([HALF, len(DATA)])
    with serving(answer) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 2


def in_chunks(*pieces: bytes):
    """Serve what stands there after the head of an answer that comes in chunks."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Transfer_Encoding="chunked")
        for piece in pieces:
            handler.wfile.write(piece)

    return answer


def test_an_archive_that_comes_in_chunks_is_taken():
    pieces = [DATA[start : start + 10_000] for start in range(0, len(DATA), 10_000)]
    chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    with serving(in_chunks(*chunks, b"0\r\n\r\n")) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 1


def without_end(sent: list, piece: bytes, status: int, **headers: object):
    """Serve 4 bytes of the archive, then a piece over and over; sent: the bytes of each answer."""

    def answer(handler: Handler) -> None:
        handler.begin(status, **headers)
        handler.wfile.write(b"4\r\n" + DATA[:4] + b"\r\n")
        sent.append(0)
        while sent[-1] < 50_000_000:
            sent[-1] += handler.wfile.write(piece)

    return answer


SIZES = b"1" * CHUNK, b";" * CHUNK, b"zz\r\n", b"\r\n"
TRAILER = b"0\r\n" + b"more: of it\r\n" * 10_000


@pytest.mark.parametrize("piece", [*SIZES, TRAILER])
def test_what_stands_between_and_behind_chunks_need_not_end(piece):
    sent = []
    with serving(without_end(sent, piece, 200, Transfer_Encoding="chunked")) as server:
        refuses(real_set(DATA, server.url), "no connection, or it broke off", left=PART)
    assert len(sent) == 4 and max(sent) < 30_000_000  # what lay in the sockets


def test_the_page_of_a_redirect_need_not_end():
    sent = []
    with serving(
        without_end(sent, bytes(CHUNK), 302, Location="/elsewhere"), sends(DATA)
    ) as server:
        gets(real_set(DATA, server.url))
    assert sent[0] < 30_000_000


def test_a_chunk_of_less_than_nothing_is_no_endless_body():
    with serving(in_chunks(b"-1\r\n", DATA, bytes(CHUNK))) as server:
        gets(real_set(DATA, server.url))


@pytest.mark.parametrize("begun", [0, HALF])
@pytest.mark.parametrize("ranges", [True, False])
def test_of_a_body_that_never_ends_no_more_than_the_archive_is_taken(twin_in_use, begun, ranges):
    def endless(handler: Handler) -> None:
        start = begun if ranges and "Range" in handler.headers else 0
        span = {"Content_Range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"} if start else {}
        handler.begin(206 if start else 200, **span)
        handler.wfile.write(DATA[start:])
        while not handler.server.over.is_set():  # ends in an error when nobody listens any more
            handler.wfile.write(bytes(CHUNK))

    (twin_in_use / "pascal_2007.tgz.part").write_bytes(DATA[:begun])
    with serving(endless) as server:
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 1


def test_what_an_endless_body_left_on_a_full_disk_is_deleted_first(twin_in_use, monkeypatch):
    part = twin_in_use / "pascal_2007.tgz.part"
    part.write_bytes(DATA + b"more")
    usage = lambda folder: SimpleNamespace(free=0 if part.exists() else 10**9)  # noqa: E731
    with serving(sends(DATA)) as server:
        monkeypatch.setattr(storage.shutil, "disk_usage", usage)
        monkeypatch.setattr("data_scripts.published.real.need_room", lambda *room: None)
        gets(real_set(DATA, server.url))


@pytest.mark.parametrize("count", [0, 1, 2, 30_000])
@pytest.mark.parametrize("with_length", [True, False])
def test_an_answer_with_few_bytes_from_the_start_costs_nothing_that_came_before(count, with_length):
    def answer(handler: Handler) -> None:
        length = {"Content_Length": len(DATA)} if with_length else {}
        handler.begin(200, ETag='"2"', **length)
        handler.wfile.write(DATA[:count])

    with serving(sends(DATA, cut=HALF, etag='"1"'), answer, sends(DATA, etag='"1"')) as server:
        gets(real_set(DATA, server.url))
    assert server.asked[2]["Range"] == f"bytes={HALF}-" and server.asked[2]["If-Range"] == '"1"'


# Proxies


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("http://127.0.0.1:9", r"proxy in this computer's settings \(HTTPS_PROXY\)\)"),
        ("https://127.0.0.1:9", r"proxy in this computer's settings \(HTTPS_PROXY\)\)"),
        ("socks5h://me:secret@127.0.0.1:9", "HTTPS_PROXY.*speaks SOCKS"),
        ("http://127.0.0.1:what", "HTTPS_PROXY"),
        ("http://[::1", "HTTPS_PROXY"),
        ("foo://127.0.0.1:9", "HTTPS_PROXY"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_work_is_named_without_its_password(monkeypatch, scheme, proxy, said):
    if "socks" in proxy and importlib.util.find_spec("socks"):
        pytest.skip("pysocks is installed")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.lower(), proxy)
    sentence = refuses(real_set(DATA, f"{scheme}://nowhere.invalid/pascal_2007.tgz"), said)
    assert "secret" not in sentence


@pytest.mark.parametrize("note", [b"\xff\xfe\0", b"", bytes(80), b"{url}\n\xff", b"{url}"])
def test_a_damaged_note_beside_a_part_costs_nothing_of_it(twin_in_use, note):
    (twin_in_use / "pascal_2007.tgz.part").write_bytes(DATA[:HALF])
    with serving(sends(DATA)) as server:
        damaged = note.replace(b"{url}", server.url.encode())
        (twin_in_use / "pascal_2007.tgz.part.etag").write_bytes(damaged)
        gets(real_set(DATA, server.url))
    assert server.sent == [len(DATA) - HALF] and "If-Range" not in server.asked[0]


# Mirrors


def test_after_a_dead_mirror_the_second_is_asked():
    dead = f"http://127.0.0.1:{free_port()}/pascal_2007.tgz"
    with serving(sends(DATA)) as good:
        gets(real_set(DATA, dead, good.url))


def test_what_one_mirror_began_another_ends():
    with (
        serving(sends(DATA, cut=HALF), fails(404)) as first,
        serving(sends(DATA, etag='"of mine"')) as second,
    ):
        gets(real_set(DATA, first.url, second.url))
    assert second.sent == [len(DATA) - HALF] and "If-Range" not in second.asked[0]


def test_when_every_mirror_fails_each_is_named_with_its_reason():
    with serving(fails(404)) as gone, serving(page(True)) as login:
        said = refuses(real_set(DATA, gone.url, login.url), "could not be fetched")
    assert f"{gone.url}: it answers with status 404" in said
    assert f"{login.url}: it has" in said


# The disk


def free_bytes(monkeypatch, *free: int) -> None:
    """What the disk says it has, one answer after the other."""
    answers = list(free)
    usage = lambda folder: SimpleNamespace(free=answers.pop(0))  # noqa: E731
    monkeypatch.setattr(storage.shutil, "disk_usage", usage)


def test_a_disk_that_is_too_small_is_found_before_anything_is_fetched(monkeypatch):
    with serving(sends(DATA)) as server:
        free_bytes(monkeypatch, 2 * len(DATA) - 1)
        refuses(real_set(DATA, server.url), "needs 1 MB.*LESSONLIB_DATA")
    assert server.asked == []


def test_a_disk_too_small_to_unpack_keeps_the_archive_for_the_next_call(monkeypatch):
    with serving(sends(DATA)) as server:
        free_bytes(monkeypatch, 2 * len(DATA), 102_399)
        refuses(real_set(DATA, server.url), "LESSONLIB_DATA", left=PART)
        free_bytes(monkeypatch, 102_400)  # 8 pictures in 3 blocks of 4096, and train.csv in one
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 1


def test_a_disk_that_fills_while_unpacking_leaves_the_archive_and_the_twin(monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(sends(DATA)) as server:
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "copyfileobj", full)
            refuses(real_set(DATA, server.url), "the disk is full", left=PART)
        gets(real_set(DATA, server.url))
    assert len(server.asked) == 1


# What is published


def test_the_md5_covers_only_the_beginning_and_is_said_when_it_differs(tmp_path):
    file = tmp_path / "a.tgz"
    known = published(DATA, "http://127.0.0.1/")
    file.write_bytes(changed(DATA, len(DATA) - 1))
    archive.check(known, file)
    file.write_bytes(changed(DATA, 0))
    with pytest.raises(ValueError, match=f"instead of {known.md5}"):
        archive.check(known, file)
    file.write_bytes(DATA[:-1])
    with pytest.raises(ValueError, match=f"{len(DATA) - 1:,} bytes instead of {len(DATA):,}"):
        archive.check(known, file)
