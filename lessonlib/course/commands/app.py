"""`python -m lessonlib app`: the web app of lesson 08, for the browser on this computer."""

from lessonlib.course.commands.doctor import WIDGETS
from lessonlib.course.commands.quiet import leave_out_what_is_not_ours
from lessonlib.course.commands.study import can_run, prepare_kernels
from lessonlib.course.folders import NOTEBOOKS, CourseError
from lessonlib.engine import catalog

APP = NOTEBOOKS / "bear_app.ipynb"
VOILAS_WIDGETS = "@voila-dashboards/widgets-manager8"  # for ipywidgets 8
MAX_MESSAGE = 64 * 2**20  # bytes; in Voilà's other templates no script spares us large files
GONE, LOOK = 60, 10  # seconds without a page after which a kernel ends, and between two looks
# Voilà's pages ask for fonts and scripts from the network: the app works without those.
POLICY = "; ".join(
    (
        "default-src 'self' data: blob:",
        "script-src 'self'",  # and those that app_server marks
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def serve_app(options: list[str] | None = None) -> int:
    """Build the pictures if there are none, then serve the app until Ctrl-C.

    options: handed on to Voilà (--no-browser, --port=9000). Returns 1 when the course cannot run,
    else 0. CourseError names what is in the way of the pictures.
    """
    if not can_run():
        return 1
    try:
        catalog.bears()
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from error
    from lessonlib.course.commands.app_server import BearServer  # Voilà is slow to import

    prepare_kernels()
    print("The app opens in your browser. When you are done, press Ctrl-C here.", flush=True)
    leave_out_what_is_not_ours()
    BearServer.launch_instance([*settings(), *(options or [])], tornado_settings=limits())
    return 0


def settings() -> list[str]:
    """Voilà's options: one notebook, for this computer only."""
    return [
        str(APP),
        "--Voila.ip=127.0.0.1",
        "--KernelManager.transport_encryption=auto",  # else each kernel warns of eavesdropping
        # other extensions of JupyterLab have nothing to do here and may not fit Voilà
        f"--VoilaConfiguration.extension_allowlist={WIDGETS}",
        f"--VoilaConfiguration.extension_allowlist={VOILAS_WIDGETS}",
        # Voilà would write what an address says into the page, scripts too
        "--VoilaConfiguration.allow_theme_override=NO",
        "--VoilaConfiguration.allow_template_override=NO",
        # a kernel takes .8 GB, and not every page says good-bye
        f"--MappingKernelManager.cull_idle_timeout={GONE}",
        f"--MappingKernelManager.cull_interval={LOOK}",
        "--KernelRestarter.restart_limit=0",  # a new kernel would know nothing of its page
    ]


def limits() -> dict:
    """What the web server lets in and out."""
    return {
        "websocket_max_message_size": MAX_MESSAGE,
        "allow_remote_access": False,  # no page of another name reaches the app either
        # a page's good-bye, which ends its kernel, brings no token; its origin is checked as well
        "disable_check_xsrf": True,
        "headers": {"Content-Security-Policy": POLICY},
    }
