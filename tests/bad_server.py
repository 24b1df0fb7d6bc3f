"""A web server on this computer that misbehaves as told, and small archives for it to serve."""

import gzip
import hashlib
import io
import random
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from data_scripts.published.archive import Archive
from data_scripts.published.fetch import Patience

STEADY = Patience(pause=0, tries=4)
HURRIED = replace(STEADY, read=0.4)  # where a server stalls on purpose; a busy computer may, too
MD5_BYTES = 20_000  # of the archives here: a part of them, as the published md5s cover a part


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        self.server.asked.append(dict(self.headers))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            answer(self)
        except OSError:  # the client went away
            pass

    def begin(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *args):
        pass


Answer = Callable[[Handler], None]


class BadServer(ThreadingHTTPServer):
    """answers: one for each request in turn, the last for all further ones.
    asked: the headers of every request; sent: the bytes of every body."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked, self.sent = answers, [], []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/pascal_2007.tgz"


@contextmanager
def serving(*answers: Answer) -> Iterator[BadServer]:
    server = BadServer(list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()  # ends those who stall
        server.shutdown()
        thread.join()
        server.server_close()


def sends(
    data: bytes,
    *,
    cut: int | None = None,
    stall: bool = False,
    ranges: bool = True,
    etag: str = '"1"',
    if_range: bool = True,
) -> Answer:
    """Serve a file well, but end after `cut` bytes of the body: close, or wait forever."""

    def answer(handler: Handler) -> None:
        start, asked = 0, handler.headers
        same = asked.get("If-Range", etag) == etag or not if_range
        if ranges and same and "Range" in asked:
            start = int(asked["Range"].removeprefix("bytes=").removesuffix("-"))
        length = {"Content_Length": len(data) - start, "ETag": etag}
        if start:
            content_range = f"bytes {start}-{len(data) - 1}/{len(data)}"
            handler.begin(206, Content_Range=content_range, **length)
        else:
            handler.begin(200, **length)
        body = data[start:] if cut is None else data[start : start + cut]
        handler.server.sent.append(len(body))
        handler.wfile.write(body)
        handler.wfile.flush()
        if stall:
            handler.server.over.wait(60)

    return answer


def fails(status: int) -> Answer:
    return lambda handler: handler.begin(status, Content_Length=0)


def page(with_length: bool) -> Answer:
    """An error page that calls itself a success."""
    text = b"<html><body>Please log in to this network</body></html>"

    def answer(handler: Handler) -> None:
        handler.begin(200, **({"Content_Length": len(text)} if with_length else {}))
        handler.wfile.write(text)

    return answer


def tgz(files: Mapping[str, bytes], *further: tarfile.TarInfo) -> bytes:
    """An archive of files by name and of members without content; the same bytes every time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            head = tarfile.TarInfo(name)
            head.size = len(content)
            tar.addfile(head, io.BytesIO(content))
        for head in further:
            tar.addfile(head)
    return gzip.compress(packed.getvalue(), mtime=0)


def pascal_files(pictures: int = 8, seed: int = 0) -> dict[str, bytes]:
    """A small PASCAL in its published layout; its pictures are noise, which does not shrink."""
    rng = random.Random(seed)
    names = [f"{number:06}.jpg" for number in range(pictures)]
    rows = "".join(f"{name},cat,{name < '000002'}\n" for name in names)
    files = {f"pascal_2007/train/{name}": rng.randbytes(10_000) for name in names}
    return {"pascal_2007/train.csv": f"fname,labels,is_valid\n{rows}".encode()} | files


def published(data: bytes, *urls: str) -> Archive:
    """What is known about an archive."""
    md5 = hashlib.md5(data[:MD5_BYTES]).hexdigest()
    return Archive("pascal_2007.tgz", urls, len(data), md5, MD5_BYTES)
