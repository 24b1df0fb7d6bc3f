"""The app's server: what it leaves running, and what an address can do to its page."""

import json
import re
import time
from collections.abc import Iterator

import pytest
import requests
from app_serving import app_with, kernels
from serving import Server

SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with app_with(tmp_path_factory.mktemp("app"), ["1"]) as server:
        yield server


def opened(server: Server, headers: dict | None = None, **arguments: str) -> requests.Response:
    """What a browser gets that opens the page."""
    address = f"http://127.0.0.1:{server.port}/"
    return requests.get(address, params=arguments, headers=headers, timeout=60)


def coming_from(site: str, goal: str) -> dict:
    """What a browser says of a page's wish for another page."""
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": goal}


def kernel_of(page: requests.Response) -> str:
    return json.loads(re.search(r'"kernelId": ?("[0-9a-f-]+")', page.text)[1])


def good_bye(server: Server, kernel: str, origin: str) -> int:
    """Say what a page says that is left: from which origin it comes, but no token. The status."""
    address = f"http://127.0.0.1:{server.port}/voila/api/shutdown/{kernel}"
    return requests.post(address, headers={"Origin": origin}, timeout=20).status_code


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
    assert len(kernels(server)) == 1


def test_pages_that_never_say_good_bye_leave_no_kernel_behind(server):
    for _ in range(2):
        opened(server)
    assert len(kernels(server)) >= 2
    assert no_kernel_is_left(server)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("goal", ["empty", "iframe", "image", "script", "embed"])
def test_no_page_of_another_site_starts_a_kernel(server, site, goal):
    assert no_kernel_is_left(server)
    assert opened(server, coming_from(site, goal)).status_code == 403
    assert not kernels(server)


@pytest.mark.parametrize("site", ["none", "same-origin", "same-site", "cross-site"])
def test_a_visitor_may_come_from_anywhere(server, site):
    page = opened(server, coming_from(site, "document"))
    assert good_bye(server, kernel_of(page), f"http://127.0.0.1:{server.port}") == 204


@pytest.mark.parametrize("argument", ["theme", "template", "token", "anything"])
def test_nothing_that_an_address_says_gets_into_the_page(server, argument):
    page = opened(server, **{argument: SCRIPT})
    assert page.status_code == 200 and "alert(1)" not in page.text
    assert opened(server, **{argument: "../x"}).status_code == 200


def test_the_page_speaks_to_its_own_server_only_and_stands_in_no_frame(server):
    policy = opened(server).headers["Content-Security-Policy"].split("; ")
    assert {"connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
    assert "ws:" not in " ".join(policy) and "eval" not in " ".join(policy)


def test_only_marked_scripts_run_and_no_two_pages_have_the_same_mark(server):
    marks = []
    for page in (opened(server), opened(server)):
        policy = page.headers["Content-Security-Policy"].split("; ")
        (scripts,) = (rule for rule in policy if rule.startswith("script-src"))
        assert "unsafe" not in scripts
        (mark,) = re.findall("'nonce-([^']{16,})'", scripts)
        inline = re.findall("<script(?![^>]* src=)[^>]*>", page.text)
        assert len(inline) > 5 and all(f' nonce="{mark}"' in tag for tag in inline)
        assert page.text.count(mark) == len(inline), "a file is marked: it might be anywhere"
        marks.append(mark)
    assert marks[0] != marks[1]
