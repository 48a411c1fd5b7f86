"""Code that tries to get out of the sandbox, also past Python."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from gradtutor.audit.program.source import read_program
from gradtutor.audit.sandbox.process import run_function, run_job

HEAD = """
import ctypes, os, socket, sys, numpy as np
libc = ctypes.CDLL(None, use_errno=True)
def attempt(x):
    try:
        return float({tried})
    except Exception:
        return -1.0
"""
#: What libc is asked for; -1 is a refusal. The file stands outside, then inside.
REFUSED = {
    "open to write": "libc.open({outside!r}.encode(), 0o101, 0o600)",
    "truncate": "libc.truncate({outside!r}.encode(), 0)",
    "remove": "libc.unlink({outside!r}.encode())",
    "make a folder": "libc.mkdir(({outside!r} + '.d').encode(), 0o700)",
    "link": "libc.symlink(b'/', ({outside!r} + '.l').encode())",
    "tcp": "libc.socket(2, 1, 0)",
    "udp": "libc.socket(2, 2, 0)",
    "unix": "libc.socket(1, 1, 0)",
    "fork": "libc.fork()",
    "signal": "libc.kill(os.getppid(), 0)",
    "another session": "libc.setsid()",
    "exec": "libc.execv(b'/bin/true', None)",
    "system": "libc.system(b'true') and -1",
    "subprocess": "__import__('subprocess').call(['true'])",
    "write in Python": "open({outside!r}, 'w').write('x')",
    "socket in Python": "socket.socket() and 1",
}


def kernel(tmp_path: Path) -> list[str]:
    path = tmp_path / "nothing.py"
    path.write_text("def f(x):\n    return x\n", encoding="utf-8")
    job = {"kind": "call", "function": "f", "arguments": ["x"]}
    answer, _ = run_job(read_program(path), job, {"x": np.ones(())}, 20.0)
    return answer["kernel"]


def result(tmp_path: Path, tried: str) -> float:
    path = tmp_path / "code.py"
    path.write_text(HEAD.format(tried=tried), encoding="utf-8")
    return float(run_function(path, "attempt", {"x": 1.0}, timeout=20.0).values[0])


@pytest.mark.sampled(2)
@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
@pytest.mark.parametrize("what", REFUSED)
def test_the_kernel_refuses_what_goes_past_python(tmp_path, what):
    if kernel(tmp_path) != ["landlock", "seccomp"]:
        pytest.skip("this kernel has no Landlock, or no seccomp")
    outside = tmp_path / "outside.txt"
    outside.write_text("as it was", encoding="utf-8")
    assert result(tmp_path, REFUSED[what].format(outside=str(outside))) == -1.0
    assert outside.read_text(encoding="utf-8") == "as it was"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__") == [
        "code.py",
        "nothing.py",
        "outside.txt",
    ]


def test_the_environment_is_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET_OF_MINE", "7")
    assert result(tmp_path, "len(os.environ)") == 0.0
    if Path("/proc/self/environ").exists():
        read = "b'A_SECRET_OF_MINE' in open('/proc/self/environ', 'rb').read()"
        assert result(tmp_path, read) == 0.0


def test_threads_and_files_to_read_are_there(tmp_path):
    (tmp_path / "data.txt").write_text("42", encoding="utf-8")
    assert result(tmp_path, "open('data.txt').read()") in (42.0, -1.0)
    thread = "__import__('threading').Thread(target=int).start() or 3"
    assert result(tmp_path, thread) == 3.0
