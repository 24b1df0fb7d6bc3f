"""Lines of Jupyter and Voilà that a learner can do nothing about: known by their words, left out.

Every other warning stays.
"""

import logging
import warnings

NOT_OURS = (
    "The websocket_ping_timeout (90000) cannot be longer",  # jupyter_server's own two defaults
    "Notebook bear_app.ipynb is not trusted",  # Voilà runs it whether it is signed or not
)
LOGGERS = ("tornado.general", "Voila")  # that say these; a filter sees its own logger's lines only


def leave_out_what_is_not_ours() -> None:
    """Call it before a server starts in this process."""
    import voila  # noqa: F401 - JupyterLab imports it too, and it has traitlets' deprecations shown

    # what is deprecated concerns programmers: Python shows it to nobody else
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="traitlets")
    for name in LOGGERS:
        logging.getLogger(name).addFilter(is_ours)


def is_ours(line: logging.LogRecord) -> bool:
    return not line.getMessage().startswith(NOT_OURS)
