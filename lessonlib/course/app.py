"""`python -m lessonlib app`: the web app of lesson 08, for the browser on this computer."""

import os

from data_scripts import bears
from lessonlib.course.doctor import WIDGETS
from lessonlib.course.folders import NOTEBOOKS, CourseError
from lessonlib.course.study import can_run

APP = NOTEBOOKS / "bear_app.ipynb"
VOILAS_WIDGETS = "@voila-dashboards/widgets-manager8"  # for ipywidgets 8
MAX_MESSAGE = 64 * 2**20  # bytes; so far, an upload reaches the app, which then says what it thinks
OWN_PAGES = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: ws:"


def serve_app(options: list[str] | None = None) -> int:
    """Build the pictures if there are none, then serve the app until Ctrl-C.

    options: handed on to Voilà (--no-browser, --port=9000). Returns 1 when the course cannot run,
    else 0. CourseError names what is in the way of the pictures.
    """
    if not can_run():
        return 1
    try:
        bears.twin()
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from error
    from voila.app import Voila  # slow to import, and only needed here

    # A kernel called python3 in the user's own folders would be another Python without lessonlib.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    print("The app opens in your browser. When you are done, press Ctrl-C here.", flush=True)
    Voila.launch_instance([*settings(), *(options or [])], tornado_settings=limits())
    return 0


def settings() -> list[str]:
    """Voilà's options: one notebook, for this computer only."""
    return [
        str(APP),
        "--Voila.ip=127.0.0.1",
        # other extensions of JupyterLab have nothing to do here and may not fit Voilà
        f"--VoilaConfiguration.extension_allowlist={WIDGETS}",
        f"--VoilaConfiguration.extension_allowlist={VOILAS_WIDGETS}",
    ]


def limits() -> dict:
    """What the web server lets in and out."""
    return {
        "websocket_max_message_size": MAX_MESSAGE,
        "allow_remote_access": False,  # no page of another name reaches the app either
        # Voilà's page asks for fonts from the network: the app needs none and works without.
        "headers": {"Content-Security-Policy": OWN_PAGES},
    }
