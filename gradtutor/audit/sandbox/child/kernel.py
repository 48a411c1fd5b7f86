"""What Linux enforces without privileges, from now on and for good: Landlock, seccomp.

Landlock (kernel 5.13; landlock(7)) lets files be written in one folder alone, and no
TCP port be reached (6.7). A seccomp filter (seccomp(2)) refuses sockets, programs, new
processes and signals. Both are set by system calls: no Python object undoes them.
Where the kernel has neither, the rules of ``limits`` are all there is.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from pathlib import Path

NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2  # of prctl
CREATE, ADD, RESTRICT = 444, 445, 446  # landlock's calls, on every machine
VERSION, BENEATH = 1, 1
READING = 0b1101  # execute, read a file, read a folder
FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights a version knows
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
TCP, SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals
PERMISSION, MISSING = 1, 38  # EPERM, ENOSYS
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # what a filter returns
LOAD, EQUAL, MASKED, RETURN = 0x20, 0x15, 0x45, 0x06  # instructions of BPF
CLONE_VM = 0x100  # a thread; without it a process
#: The machine's number in a filter, and the numbers of the calls that are refused:
#: socket, socketpair, execve, execveat, kill, setsid, ptrace, process_vm_writev, fork,
#: vfork; then clone and clone3.
MACHINES: dict[str, tuple[int, tuple[int, ...], int, int]] = {
    "x86_64": (
        0xC000003E,
        (41, 53, 59, 322, 62, 112, 101, 311, 57, 58),
        56,
        435,
    ),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 129, 157, 117, 271), 220, 435),
}


def confine(folder: Path) -> list[str]:
    """Let nothing be written outside a folder, nothing be reached, nothing be started.

    Returns
    -------
    list of str
        What the kernel has agreed to: ``landlock``, ``seccomp``.
    """
    if sys.platform != "linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return []
    done = []
    if _landlock(libc, folder):
        done.append("landlock")
    if _seccomp(libc):
        done.append("seccomp")
    return done


def _landlock(libc: ctypes.CDLL, folder: Path) -> bool:
    """Refuse writing outside a folder, and connections; whether the kernel does."""
    version = libc.syscall(CREATE, None, ctypes.c_size_t(0), VERSION)
    if version < 1:
        return False
    count = FILES[min(version, max(FILES))]
    writing = ((1 << count) - 1) & ~READING
    handled = [writing]
    handled += [TCP] if version >= 4 else []
    handled += [SCOPES] if version >= 6 else []
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    rules = libc.syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    _allow(libc, rules, folder, writing)
    _allow(libc, rules, Path(os.devnull), writing & (WRITE_FILE | TRUNCATE))
    done = libc.syscall(RESTRICT, rules, 0) == 0
    os.close(rules)
    return bool(done)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    libc.syscall(ADD, rules, BENEATH, struct.pack("=Qi", rights, place), 0)
    os.close(place)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Refuse sockets, programs and processes; whether the kernel does."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    steps = _filter(*machine)
    kept = ctypes.create_string_buffer(steps)
    program = _Program(len(steps) // 8, ctypes.cast(kept, ctypes.c_void_p))
    return bool(libc.prctl(SECCOMP, FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(machine: int, refused: tuple[int, ...], clone: int, clone3: int) -> bytes:
    """Return the instructions: a call's number is at 0, the machine at 4."""
    refuse = (RETURN, 0, 0, REFUSE | PERMISSION)
    steps = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, machine), refuse, (LOAD, 0, 0, 0)]
    for call in refused:
        steps += [(EQUAL, 0, 1, call), refuse]
    steps += [(EQUAL, 0, 1, clone3), (RETURN, 0, 0, REFUSE | MISSING)]  # then clone
    steps += [(EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (MASKED, 1, 0, CLONE_VM), refuse]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
