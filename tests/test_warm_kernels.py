"""warm_kernels.py: a kernel that was forked is one like any other, but there at once."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels start cold here")


class Kernel:
    """A kernel, and what it prints."""

    def __init__(self, **environment):
        self.manager, self.client = start_new_kernel(kernel_name="python3", **environment)

    def run(self, code):
        said = []
        self.client.execute_interactive(
            code, timeout=60, output_hook=lambda message: said.append(message["content"])
        )
        return "".join(content.get("text", "") for content in said)


def is_gone(pid):
    """Within ten seconds."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=10)


@pytest.fixture
def kernels():
    started = [Kernel(), Kernel()]
    yield started
    for kernel in started:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


def test_it_has_torch_but_nothing_of_the_course_and_no_name(kernels):
    names = ("torch", "timm", "pandas", "lessonlib", "data_scripts")
    code = f"import sys; print([name in sys.modules for name in {names}])"
    assert kernels[0].run(code) == "[True, True, False, False, False]\n"
    assert kernels[0].run("print('torch' in globals(), 'serve' in globals())") == "False False\n"


def test_it_is_where_and_what_its_caller_said(monkeypatch, tmp_path, kernels):
    monkeypatch.setenv("OF_THE_TEST", "ä b")
    kernel = Kernel(cwd=str(tmp_path))
    kernels.append(kernel)
    told = kernel.run("import os, sys; print(os.getcwd(), os.environ['OF_THE_TEST'])")
    assert told == f"{tmp_path} ä b\n"
    tests = str(Path(__file__).parent)  # trainings.py is found there, put at the end by conftest.py
    assert kernel.run(f"print(sys.path.index({tests!r}) == len(sys.path) - 1)") == "True\n"


@pytest.mark.parametrize("draw", ["torch.rand(3)", "numpy.random.rand(3)", "random.random()"])
def test_two_draw_different_numbers(kernels, draw):
    code = f"import numpy, random, torch; print({draw})"
    first, second = (kernel.run(code) for kernel in kernels)
    assert first and first != second


def test_it_can_be_interrupted_and_goes_on(kernels):
    kernel = kernels[0]
    sleep = kernel.client.execute("import time; print('begun'); time.sleep(60)")
    while kernel.client.get_iopub_msg(timeout=10)["content"].get("text") != "begun\n":
        pass
    kernel.manager.interrupt_kernel()
    while (reply := kernel.client.get_shell_msg(timeout=10))["parent_header"]["msg_id"] != sleep:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("print(1)") == "1\n"


def test_it_ends_with_the_process_that_jupyter_knows(kernels):
    pid = int(kernels[0].run("import os; print(os.getpid())"))
    known = kernels[0].manager.provisioner.pid
    assert pid != known
    os.kill(known, signal.SIGKILL)
    is_gone(pid)


def test_what_is_to_be_done_at_its_end_is_done(kernels, tmp_path):
    file = tmp_path / "done.txt"
    kernels[0].run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(file)!r}).touch)")
    kernels[0].manager.shutdown_kernel()
    assert file.is_file()


def test_it_ends_with_whoever_started_it():
    code = (
        "import os; from jupyter_client.manager import start_new_kernel;"
        "manager, client = start_new_kernel(kernel_name='python3');"
        "client.execute_interactive('import os; print(os.getpid(), flush=True)'); os._exit(1)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    is_gone(int(said))
