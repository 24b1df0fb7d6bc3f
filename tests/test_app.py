"""The app's server: what it leaves running, and what an address can do to its page."""

import json
import re
import time
from collections.abc import Iterator

import psutil
import pytest
import requests
from app_serving import app_with
from serving import Server

SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with app_with(tmp_path_factory.mktemp("app"), ["1"]) as server:
        yield server


def opened(server: Server, **arguments: str) -> requests.Response:
    """What a browser gets that opens the page."""
    return requests.get(f"http://127.0.0.1:{server.port}/", params=arguments, timeout=60)


def kernel_of(page: requests.Response) -> str:
    return json.loads(re.search(r'"kernelId": ?("[0-9a-f-]+")', page.text)[1])


def good_bye(server: Server, kernel: str, origin: str) -> int:
    """Say what a page says that is left: from which origin it comes, but no token. The status."""
    address = f"http://127.0.0.1:{server.port}/voila/api/shutdown/{kernel}"
    return requests.post(address, headers={"Origin": origin}, timeout=20).status_code


def kernels(server: Server) -> int:
    return sum(map(is_kernel, psutil.Process(server.process.pid).children(recursive=True)))


def is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it has just ended
        return False


def no_kernel_is_left(server: Server) -> bool:
    end = time.monotonic() + 30
    while kernels(server) and time.monotonic() < end:
        time.sleep(0.1)
    return not kernels(server)


def test_a_page_that_is_left_takes_its_kernel_with_it(server):
    kernel = kernel_of(opened(server))
    assert good_bye(server, kernel, f"http://127.0.0.1:{server.port}") == 204
    assert no_kernel_is_left(server)


def test_no_page_of_another_site_ends_a_kernel(server):
    kernel = kernel_of(opened(server))
    assert good_bye(server, kernel, "http://somewhere.else") == 404
    assert kernels(server) == 1


def test_pages_that_never_say_good_bye_leave_no_kernel_behind(server):
    for _ in range(2):
        opened(server)
    assert kernels(server) >= 2
    assert no_kernel_is_left(server)


@pytest.mark.parametrize("argument", ["theme", "template", "token", "anything"])
def test_nothing_that_an_address_says_gets_into_the_page(server, argument):
    page = opened(server, **{argument: SCRIPT})
    assert page.status_code == 200 and "alert(1)" not in page.text
    assert opened(server, **{argument: "../x"}).status_code == 200


def test_the_page_speaks_to_its_own_server_only_and_stands_in_no_frame(server):
    policy = opened(server).headers["Content-Security-Policy"].split("; ")
    assert {"connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
    assert "ws:" not in " ".join(policy) and "eval" not in " ".join(policy)
