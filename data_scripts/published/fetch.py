"""Fetch an archive: resumed after a break, from mirrors, and checked before anything uses it.

requests speaks to the servers (certificates, proxies, redirects) and tqdm shows how far it is. What
is here is what neither has: going on where a broken download stopped, and the check of a published
md5 that covers only the beginning of a file.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import requests
from requests.utils import get_environ_proxies, select_proxy
from tqdm.auto import tqdm
from urllib3.exceptions import HTTPError, ReadTimeoutError

from data_scripts.published.archive import Archive, check, check_md5
from data_scripts.storage import as_megabytes, need_room

CHUNK = 1 << 16
GZIP = b"\x1f\x8b"  # how every .tgz begins, and no page with an error message
TRY_AGAIN = {408, 425, 429}  # with these and from 500 on, a server may answer the next time
BREAKS = (requests.RequestException, HTTPError)


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a connection, for the next bytes, and (times 1, 2, …) between two tries;
    how many tries in a row may bring nothing."""

    connect: float = 10
    read: float = 30
    pause: float = 1
    tries: int = 5


class FetchError(OSError):
    """No address gave the archive."""


class _Unfit(Exception):
    """What this address serves is something else: there is no use in asking it again."""


def fetch(
    archive: Archive,
    folder: Path,
    inspect: Callable[[Path], object],
    patience: Patience | None = None,
) -> Path:
    """Return the fetched archive, a file in `folder` that ends in .part.

    The file stays when the fetching ends early, in whatever way, and the next call goes on with
    it. One with the wrong bytes is deleted. inspect(file): raises ValueError when the file is not
    whole, since the published md5 may cover only its beginning; other errors end the fetching.
    Raises FetchError when no address gives it, OSError when the disk has no room or refuses.
    """
    patience = patience or Patience()
    part = folder / f"{archive.name}.part"
    urls, reasons, spoiled, fruitless = list(archive.urls), {}, set(), 0
    while urls and fruitless < patience.tries:
        if _size(part) > archive.size:  # first: it may be what fills the disk
            forget(part)
        url, before = urls[0], _size(part)
        time.sleep(patience.pause * fruitless)
        try:
            if before != archive.size:
                need_room(folder, 2 * archive.size - min(before, archive.size))  # unpacked, too
                _continue(archive, url, part, patience)
            check(archive, part)
            inspect(part)
            return part
        except BREAKS as error:  # before ValueError, which some of these are as well
            reasons[url] = _reason(error, url)
            tqdm.write(f"{url}: {reasons[url]}", file=sys.stderr)
            if _size(part) - before >= max(1, archive.size // 100):
                fruitless = 0
            else:
                fruitless += 1
                urls.append(urls.pop(0))  # the next one's turn
        except ValueError as error:  # wrong bytes; not this server's if an earlier part is in them
            forget(part)
            reasons[url] = str(error)
            if before == 0 or url in spoiled:
                urls.remove(url)
            spoiled.add(url)
        except _Unfit as error:
            reasons[url] = str(error)
            urls.remove(url)
    tried = "; ".join(f"{url}: {reason}" for url, reason in reasons.items())
    kept = f": it goes on after {as_megabytes(_size(part))} MB" if _size(part) else ""
    raise FetchError(
        f"{archive.name} could not be fetched ({tried}). Nothing else has changed. Repeat the "
        f"command later, or in another network{kept}. Or bring {archive.urls[0]} to this computer "
        "in another way, and add --archive and that file."
    )


def forget(part: Path) -> None:
    """Delete a fetched file and what was noted about it."""
    for file in (part, _note(part)):
        if file.exists():  # in a read-only place, not even a missing file can be deleted
            file.unlink()


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _note(part: Path) -> Path:
    """Where the ETag of a part is kept, behind the address that it came from."""
    return part.with_name(part.name + ".etag")


def _continue(archive: Archive, url: str, part: Path, patience: Patience) -> None:
    """Ask for what is missing and append it. Raises _Unfit, ValueError, or one of BREAKS."""
    have, etag = _size(part), _etag(part, url)
    headers = {"Accept-Encoding": "identity"}  # the bytes as they lie there: ranges count those
    if have:
        headers["Range"] = f"bytes={have}-"
        if etag:
            headers["If-Range"] = etag
    timeout = (patience.connect, patience.read)
    hooks = {"response": _leave_unread}
    with requests.get(url, headers=headers, stream=True, timeout=timeout, hooks=hooks) as answer:
        if answer.status_code == 206:
            _check_range(archive, answer, have)
            _receive(archive, url, answer, part, have)
        elif answer.status_code == 200:  # a fresh part, a changed file, or no ranges here
            _check_length(archive, answer)
            _receive(archive, url, answer, part, 0)
        elif answer.status_code in TRY_AGAIN or answer.status_code >= 500:
            answer.raise_for_status()
        else:
            raise _Unfit(f"it answers with status {answer.status_code}")


def _leave_unread(answer: requests.Response, **_) -> None:
    """Close what only sends us on: requests would read all of its page, which need not end."""
    if answer.is_redirect:
        answer.close()


def _etag(part: Path, url: str) -> str:
    """The ETag that this address gave for the part, or ""."""
    if not _note(part).exists():
        return ""
    noted, _, etag = _note(part).read_bytes().partition(b"\n")  # whatever a loss of power left
    return etag.decode("latin-1") if noted == url.encode() and etag.isascii() else ""


def _check_range(archive: Archive, answer: requests.Response, have: int) -> None:
    """What comes has to be the rest of the very file that the part is of."""
    expected = f"bytes {have}-{archive.size - 1}/{archive.size}"
    came = answer.headers.get("Content-Range", "no range")
    if came != expected:
        raise _Unfit(f"asked for {expected}, it sends {came}")


def _check_length(archive: Archive, answer: requests.Response) -> None:
    length = answer.headers.get("Content-Length", str(archive.size))
    if length != str(archive.size):
        raise _Unfit(f"it has {length} bytes there instead of {archive.size}")


def _receive(archive: Archive, url: str, answer: requests.Response, part: Path, have: int) -> None:
    """Put the body at byte `have` of the part, and look at the md5 as soon as it can be told.

    What the part holds already and a server without ranges sends again is compared: only another
    byte costs the rest of it. Whatever comes after the archive's last byte is not waited for.
    """
    # not by its stream(): what came of a chunk whose rest never comes would be lost, and an older
    # urllib3 reads a line with a chunk's size to its end, which may never come. Nor need the lines
    # behind the last chunk end, of which http.client reads every one.
    answer.raw._fp._read_and_discard_trailer = lambda: None
    chunks = iter(partial(answer.raw.read1, CHUNK, decode_content=False), b"")
    first = next(chunks, b"")
    from_start = have == 0
    if from_start and first[:2] != GZIP[: len(first)]:
        raise _Unfit("it sends something else, perhaps a page with a message")
    if not first:
        raise requests.ConnectionError("the connection broke off")
    bar = tqdm(desc=archive.name, total=archive.size, initial=have, unit="B", unit_scale=True)
    with bar, part.open("r+b" if part.exists() else "w+b") as target:
        target.seek(have)
        for chunk in chain([first], chunks):
            chunk = chunk[: archive.size - have]
            if target.read(len(chunk)) != chunk:
                target.seek(have)
                target.truncate()
                if from_start:  # from here on, all of the part is of this answer
                    _note_etag(part, url, answer.headers.get("ETag", ""))
                    from_start = False
                target.write(chunk)
                target.flush()  # what has come survives the end of this program
            bar.update(len(chunk))
            before, have = have, have + len(chunk)
            if before < archive.md5_bytes <= have:
                check_md5(archive, part)
            if have == archive.size:
                return
    raise requests.ConnectionError("the connection broke off")  # it did not say how much it sends


def _note_etag(part: Path, url: str, etag: str) -> None:
    """Note what `_etag` reads; of a weak ETag nothing, since it does not promise the same bytes."""
    strong = "" if etag.startswith("W/") else etag
    _note(part).write_text(f"{url}\n{strong}", encoding="utf-8")


def _reason(error: Exception, url: str) -> str:
    """What broke, in words for somebody who only wants the pictures."""
    if isinstance(error, requests.HTTPError):
        return f"it answers with status {error.response.status_code}"
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return "it does not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be checked"
    if select_proxy(url, get_environ_proxies(url)):  # not named: its address may hold a password
        # "install pysocks" would be no cure: pip does not get through such a proxy either
        socks = ", which speaks SOCKS, and this Python does not" if "SOCKS" in str(error) else ""
        return f"no connection through the proxy in this computer's settings (HTTPS_PROXY){socks}"
    return "no connection, or it broke off"
