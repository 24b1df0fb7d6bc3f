"""Kernels that start warm: one process imports torch and its companions, and forks for each kernel.

Jupyter starts `python warm_kernels.py kernel SOCKET -f FILE` as its kernel. That process asks the
server behind the socket for a fork, which becomes the kernel, and ends when the kernel has ended.
Nothing of the course is imported before the fork: each kernel still does that by itself. Needs
Linux; `.ci/run` runs the lessons once more with kernels that start cold, as a learner's do.
"""

import atexit
import contextlib
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

IMPORTED = (  # neither pandas nor what brings it: as it is imported, it asks for IPython
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "ipywidgets",
    "torch",
    "torchvision.transforms.v2",
    "timm",
    "scipy.stats",
)
ROOM = 1 << 17  # bytes for what one kernel is told


def start_server(folder):
    """Start the server, and write into this folder, one of Jupyter's, how a kernel finds it.

    The server imports nothing before the first kernel asks, and ends with whoever started it.
    """
    from ipykernel.kernelspec import get_kernel_dict  # not for each process that asks for a kernel

    address = str(Path(tempfile.mkdtemp(prefix="kernels")) / "socket")  # at most 108 bytes long
    me = [sys.executable, str(Path(__file__).resolve())]
    file = folder / "kernels" / "python3" / "kernel.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    spec = get_kernel_dict() | {
        "argv": [*me, "kernel", address, "-f", "{connection_file}"],
        "interrupt_mode": "message",
    }
    file.write_text(json.dumps(spec), encoding="utf-8")
    return subprocess.Popen([*me, "server", address], stdin=subprocess.PIPE)


def serve(address):
    """Fork for each caller, until standard input is closed. Returns the caller, in the fork."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as in a kernel
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # whom a kernel watches, and ends with
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, wait_for_forks)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen(64)
        while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
            caller, _ = door.accept()
            for name in IMPORTED:
                importlib.import_module(name)
            if os.fork() == 0:
                return caller
            caller.close()
    shutil.rmtree(Path(address).parent)
    sys.exit()


def wait_for_forks(*_):
    """Those that have ended: then their processor time counts as this process's."""
    with contextlib.suppress(ChildProcessError):  # there is none
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def become_kernel(caller):
    """In a fork: take over the caller's folder, environment and streams, and run its kernel."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    message, streams, *_ = socket.recv_fds(caller, ROOM, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, environment, arguments = json.loads(message)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["ipykernel_launcher.py", *arguments]
    threading.Thread(target=end_with, args=[caller], daemon=True).start()
    import numpy
    import torch
    from ipykernel.kernelapp import launch_new_instance

    torch.seed()  # else the forks would all draw the same numbers
    numpy.random.seed()
    launch_new_instance()
    atexit._run_exitfuncs()
    os._exit(0)  # to take torch and its companions apart, object by object, would take a second


def end_with(caller):
    """A kernel that was killed: the process that Jupyter knows is gone, and this one follows."""
    caller.recv(1)
    os._exit(1)


def ask_for_kernel(address, arguments):
    """In the process that Jupyter knows: last as long as the kernel, and as whoever wants it."""
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(address)
        told = json.dumps([os.getcwd(), dict(os.environ), arguments]).encode()
        socket.send_fds(server, [told], [0, 1, 2])
        while os.getppid() == parent and not select.select([server], [], [], 1)[0]:
            pass


if __name__ == "__main__":
    sys.path.pop(0)  # this folder, which a kernel does not have
    role, address, *arguments = sys.argv[1:]
    if role == "server":
        become_kernel(serve(address))
    else:
        ask_for_kernel(address, arguments)
