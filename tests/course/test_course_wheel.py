"""The lessons are in the wheel, and are found where it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from places import ROOT

NO_NETWORK = ("No matching distribution", "Could not find a version", "Connection")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel as pip does, and unpack it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    if done.returncode and any(words in done.stderr for words in NO_NETWORK):
        pytest.skip("pip cannot fetch the build backend: no network")
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_every_file_of_the_lessons_is_in_the_wheel(installed):
    here = {
        path.relative_to(ROOT / "lessons")
        for path in (ROOT / "lessons").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = installed / "gradtutor" / "lessons"
    there = {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()}
    assert there == here


def test_the_installed_program_finds_them(installed, tmp_path):
    environment = os.environ | {
        "PYTHONPATH": str(installed),
        "GRADTUTOR_HOME": str(tmp_path / "state"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gradtutor", "lesson", "start", "neuron", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["lesson"] == "neuron"
    assert all(Path(path).is_file() for path in data["files"] + data["pictures"])
    assert data["files"]
