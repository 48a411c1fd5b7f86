"""Training as a child process: reports, failures, interruption, curve."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from gradtutor.train import (
    Progress,
    RunFolder,
    TrainingError,
    train_script,
    write_curve,
)
from gradtutor.train.folder_lock import BusyFolderError, hold

EPOCH = (
    '{{"epoch": {0}, "train_loss": 0.5, "test_loss": 0.6, "test_accuracy": 0.7,'
    ' "seconds": 1.0}}'
)
SUMMARY = '{"schema": 1, "epochs": 2, "test_accuracy": 0.7}'


def script(tmp_path, *lines):
    path = tmp_path / "script.py"
    path.write_text("\n".join(["import sys, time", *lines]), encoding="utf-8")
    return path


def test_epochs_are_handed_on_and_the_summary_returned(tmp_path):
    lines = [f"print({EPOCH.format(i)!r}, flush=True)" for i in (1, 2)]
    path = script(
        tmp_path, "assert '--json' in sys.argv", *lines, f"print({SUMMARY!r})"
    )
    seen = []
    summary = train_script(path, ["--seed", "3"], seen.append)
    assert [row["epoch"] for row in seen] == [1, 2]
    assert summary["schema"] == 1


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("sys.exit('the loss is nan; lower --learning-rate')", "lower --learning-rate"),
        ("raise RuntimeError('deep inside')", "deep inside"),
        ("pass", "it said nothing"),
        ("import os; os.kill(os.getpid(), 9)", r"Killed, perhaps .*--resume goes on"),
        ("import os; os.kill(os.getpid(), 11)", r"\(Segmentation fault\)"),
    ],
)
def test_a_failing_script_is_told_in_its_own_words(tmp_path, last, message):
    with pytest.raises(TrainingError, match=message) as caught:
        train_script(script(tmp_path, last), [], lambda _: None)
    assert str(caught.value).count("\n") <= 3


def test_an_interrupted_child_is_an_interruption(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train_script(script(tmp_path, "sys.exit(130)"), [], lambda _: None)


def test_ctrl_c_ends_parent_and_child(tmp_path):
    pid = tmp_path / "pid"
    path = script(
        tmp_path,
        "import os",
        f"open({str(pid)!r}, 'w').write(str(os.getpid()))",
        "time.sleep(60)",
    )
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pathlib import Path; from gradtutor.train import train_script\n"
            f"train_script(Path({str(path)!r}), [], print)",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(200):
        if pid.exists() and pid.read_text():
            break
        time.sleep(0.1)
    child = int(pid.read_text())
    parent.send_signal(signal.SIGINT)
    _, errors = parent.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert subprocess.run(["kill", "-0", str(child)], check=False, stderr=-3).returncode


def test_an_interrupted_child_may_tidy_up(tmp_path):
    done, ready = tmp_path / "tidy", tmp_path / "ready"
    path = script(
        tmp_path,
        f"from pathlib import Path; Path({str(ready)!r}).touch()",
        f"try: print({EPOCH.format(1)!r}, flush=True); time.sleep(60)",
        f"finally: time.sleep(0.3); Path({str(done)!r}).touch()",
    )

    def stop(_):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        train_script(path, [], stop)
    assert done.exists()


def test_bytes_that_are_no_text_do_not_hide_a_failure(tmp_path):
    path = script(
        tmp_path, r"sys.stderr.buffer.write(b'\xff\xfe broken\n')", "sys.exit(1)"
    )
    with pytest.raises(TrainingError, match="broken"):
        train_script(path, [], print)


HISTORY = [
    {"epoch": i, "train_loss": 1 / i, "test_loss": 1.2 / i, "test_accuracy": 1 - 1 / i}
    for i in range(1, 9)
]


def test_plain_progress_is_a_line_an_epoch_on_standard_error(capsys):
    with Progress(8) as progress:
        for row in HISTORY:
            progress.update(row)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 8
    assert "test accuracy 0.8750" in captured.err
    with Progress(8, quiet=True) as progress:
        progress.update(HISTORY[0])
    assert capsys.readouterr().err == ""


def test_the_curve_is_a_picture_with_the_same_bytes_each_time(tmp_path):
    one, two, png = (tmp_path / name for name in ("one.svg", "two.svg", "c.png"))
    write_curve(HISTORY, one, "mlp")  # and with a validation part:
    write_curve([row | {"valid_loss": 2.0} for row in HISTORY], png, "mlp")
    write_curve(HISTORY, two, "mlp")
    assert one.read_bytes() == two.read_bytes()
    ET.parse(one)
    write_curve([row | {"test_accuracy": None} for row in HISTORY], png, "line")
    assert png.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        write_curve(HISTORY, tmp_path / "c.gif", "mlp")


# ---- one training at a time in a folder ----


def test_a_second_training_in_a_folder_is_refused_until_the_first_ends(tmp_path):
    first, second = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "run")
    first.begin(f"print({SUMMARY!r})", {})
    with pytest.raises(BusyFolderError, match="choose another --out"):
        second.begin("print()", {"other": 1})
    assert "other" not in (tmp_path / "run" / "settings.json").read_text()
    assert first.train(lambda _: None, resume=False)["epochs"] == 2
    second.begin(f"print({SUMMARY!r})", {})
    second.train(lambda _: None, resume=False)


def test_a_folder_is_free_after_a_failure(tmp_path):
    folder = RunFolder(tmp_path)
    folder.begin("raise SystemExit('no')", {})
    with pytest.raises(TrainingError, match="no"):
        folder.train(lambda _: None, resume=False)
    hold(tmp_path).close()


WAITING = '''
from pathlib import Path
from gradtutor.train import RunFolder

SCRIPT = """
import json, os, time
print(json.dumps({"epoch": 1, "pid": os.getpid()}), flush=True)
time.sleep(60)
"""
folder = RunFolder(Path(FOLDER))
folder.begin(SCRIPT, {})
folder.train(lambda row: print(row["pid"], flush=True), resume=False)
'''


@pytest.mark.skipif(sys.platform == "win32", reason="a child inherits no lock there")
def test_the_script_holds_the_folder_when_its_starter_is_killed(tmp_path):
    code = WAITING.replace("FOLDER", repr(str(tmp_path)))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.kill()
    with pytest.raises(BusyFolderError):
        hold(tmp_path)
    os.kill(child, signal.SIGKILL)


def test_an_epoch_that_only_the_checkpoint_has_comes_back(tmp_path):
    folder = RunFolder(tmp_path)
    (tmp_path / "history.json").write_text('[{"epoch": 1}]')
    small = json.dumps({"result": {"epoch": 2, "train_loss": 0.5}})
    np.savez(folder.checkpoint, small=np.array(small))
    folder.read_history()
    assert [row["epoch"] for row in folder.history] == [1, 2]
    assert json.loads((tmp_path / "history.json").read_text()) == folder.history
    folder.read_history()
    assert len(folder.history) == 2
    folder.checkpoint.write_bytes(b"damaged")
    folder.read_history()
    assert len(folder.history) == 2
