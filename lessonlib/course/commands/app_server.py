"""The app's web server: Voilà, with two doors shut that it leaves open. Used by app.py."""

import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256

from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from lessonlib.explorers.bear_page import SCRIPT

CODE = re.compile("<script>(.*?)</script>", re.DOTALL)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)")


def asked_by_another_site(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site asks for a page of ours, and no visitor goes there.

    Browsers say so themselves; what is no browser says nothing. Another port is another site too.
    """
    site, goal = headers.get("Sec-Fetch-Site", "none"), headers.get("Sec-Fetch-Dest")
    return site not in ("none", "same-origin") and goal != "document"


class Page(TornadoVoilaHandler):
    """The app's page. Of the scripts in it only Voilà's and the course's run."""

    @cached_property
    def nonce(self) -> str:
        """What marks the scripts of this one answer; nobody can know it before."""
        return secrets.token_urlsafe(16)

    @property
    def content_security_policy(self) -> str:
        """The app's policy, with this page's scripts allowed."""
        codes = CODE.findall(SCRIPT)
        ours = (b64encode(sha256(code.encode()).digest()).decode() for code in codes)
        hashes = " ".join(f"'sha256-{one}'" for one in ours)
        marks = f"script-src 'nonce-{self.nonce}' {hashes}"
        return super().content_security_policy.replace("script-src", marks)

    async def get(self, path: str | None = None) -> None:
        """Answer with the page and start its kernel, which takes .8 GB: not for every asker."""
        if asked_by_another_site(self.request.headers):
            self.send_error(403)
        else:
            await super().get(path)

    def write(self, chunk: str) -> None:
        """Send a piece of the page: Voilà's text or the course's, never a visitor's."""
        super().write(INLINE.sub(f'<script nonce="{self.nonce}"', chunk))


class BearServer(Voila):
    """Voilà with the app's page."""

    def init_handlers(self) -> list:
        """What answers which address."""
        return [
            (place, Page if handler is TornadoVoilaHandler else handler, *rest)
            for place, handler, *rest in super().init_handlers()
        ]
