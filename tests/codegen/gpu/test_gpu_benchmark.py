"""benchmarks/gpu_step.py as far as it goes without a GPU: on the stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from cuda_host import kernel_log
from cuda_host.scripts import environment
from places import ROOT

BENCHMARKS = ROOT / "benchmarks"
PEERS = BENCHMARKS / "peers"
NETWORK = "mlp-400-25-15-10"
SMALL = ["--batch", "8", "--steps", "4"]

#: What goes wrong, and in which kind of difference it shows.
BREAKS = {
    "a slope": ("dz2 = mask1 ? dh2 :", "dz2 = mask1 ? T(1.001) * dh2 :", "gradients"),
    "a decay of the optimiser": ("beta2 = 0.999;", "beta2 = 0.99;", "move"),
    "a batch that stays": (" clock[1] += N;", "", "loss"),
}
BROKEN = """
import json
import sys
sys.path.insert(0, sys.argv[1])
import gpu_check
from write_script import write

def broken(path, network, **settings):
    write(path, network, **settings)
    text = path.read_text()
    if settings.get("backend") == "cupy" and "ties" not in settings:
        assert text.count(before) == 1, before
        path.write_text(text.replace(before, after))

gpu_check.write = broken
pairs = json.loads(sys.argv[2])
sys.argv = sys.argv[2:]
for before, after in pairs:
    try:
        gpu_check.main()
    except SystemExit as end:
        print(end.code, file=sys.stderr)
"""


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(PEERS))


def run(script, *arguments, **settings):
    command = [sys.executable, "-W", "error", str(script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment(**settings)
    )


@pytest.mark.parametrize(("precision", "most"), [("float32", 1e-5), ("float16", 0.1)])
def test_the_check_agrees_and_the_contender_runs(
    tmp_path, peers, monkeypatch, precision, most
):
    from gpu_process import ask, started, stopped

    log = tmp_path / "log"
    log.mkdir()
    options = [*SMALL, "--precision", precision]
    done = run(PEERS / "gpu_check.py", NETWORK, str(tmp_path), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)["precisions"]
    assert len(found) == 4
    for script in ("", "right "):  # and ReLU's gradient inside products
        assert 0 <= found[f"{script}float64"]["gradients"] < 1e-12, found
        assert 0 < found[script + precision]["gradients"] < most, found

    for name, value in environment(log).items():
        monkeypatch.setenv(name, value)
    path = str(tmp_path / f"{NETWORK}-cupy.py")
    process = started(["gpu_gradtutor.py", NETWORK, path, *options])
    try:
        assert ask(process, None, 60) == {}
        facts = ask(process, "setup", 60)
        assert facts["kernels"] == len(kernel_log.graphs(log)[0]) > 10
        scaled = precision == "float16"  # a kernel more: the loss's slope
        assert facts["fused"]["kernels"] == 3 + scaled  # two slopes and the optimiser
        assert 0 < facts["loss"] < 4 and facts["products_us"] > 0
        assert min(ask(process, "round 0.01", 60)["samples"]) > 0
    finally:
        stopped(process)


def test_the_check_finds_what_is_wrong(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text(BROKEN)
    pairs = json.dumps([case[:2] for case in BREAKS.values()])
    done = run(script, str(PEERS), pairs, NETWORK, str(tmp_path), *SMALL)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == len(BREAKS), done.stderr[-2000:]
    for (what, (*_, kind)), line in zip(BREAKS.items(), lines, strict=True):
        found = json.loads(line)["precisions"]["float64"]
        assert not found["right"] and found[kind] > 1e-5, (what, found)
    assert done.stderr.splitlines().count("1") == len(BREAKS)  # exit codes


def test_without_a_device_there_is_one_message():
    done = run(BENCHMARKS / "gpu_step.py", NETWORK, CUDA_HOST_DEVICE="none")
    assert (done.returncode, done.stdout) == (4, "")
    assert "no CUDA device was found" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# ---- the parts ----


def test_a_contender_that_fails_or_hangs_is_skipped(tmp_path, peers):
    from gpu_process import ask, started, stopped

    fails, hangs = tmp_path / "fails.py", tmp_path / "hangs.py"
    fails.write_text("import no_such_library")
    hangs.write_text("import time\nprint('{}', flush=True)\ntime.sleep(60)")
    for path, word in ((fails, "No module named"), (hangs, "no answer in")):
        process = started([str(path)])
        try:
            answer = ask(process, None, 60) or ask(process, "setup", 0.1)
        finally:
            stopped(process)
        assert word in answer["skipped"], answer


def test_the_bytes_of_a_kernel_are_counted(peers):
    from gpu_kernels import nodes, traffic

    cp = SimpleNamespace(ndarray=np.ndarray)
    x, b = np.zeros((5, 3), np.float32), np.zeros(3, np.float32)
    assert traffic(cp, ("fused_h", print, (0.5, x, b, x))) == 60 + 12 + 60
    clock, rate = np.zeros(3, np.uint64), np.zeros(1, np.float32)
    arguments = (x, rate, clock, x, x, x)  # reads g, θ, m, v and writes θ, m, v
    assert traffic(cp, ("UPDATE", print, arguments)) == 7 * 60 + 4 + 24
    dot = 'label="graph_1"\n"graph_1_node_0"[label="a"];\n"graph_1_node_10"[label="a"];'
    dot += '\n"graph_1_node_0" -> "graph_1_node_10";'
    assert nodes(SimpleNamespace(debug_dot_str=lambda: dot)) == 2


def test_the_table_compares_medians(peers):
    from gpu_table import medians, timing_table

    fused = {"kernels": 3, "bytes": 10**6, "us": 2.0, "copy_us": 1.0}
    ours = {"rounds": [[10, 12, 11], [9, 10, 10]], "kernels": 16, "setup_s": 2.5}
    rows = {
        "gradtutor": ours | {"products_us": 4.2, "fused": fused},
        "PyTorch compile (Adam eager)": {
            "rounds": [[42, 41, 43], [42]],
            "kernels": None,
            "setup_s": 9,
        },
        "PyTorch graph": {"skipped": "No module named 'torch'"},
    }
    assert medians(rows) == {"gradtutor": 10.5, "PyTorch compile (Adam eager)": 42}
    text = "\n".join(timing_table("mlp", rows))
    for words in ("4.00x", "40% of the step", "500 GB/s", "1,000 GB/s", "'torch'"):
        assert words in text, text
    assert "4.00 times as fast as torch.compile" in text


def test_what_fails_its_check_is_skipped_and_the_others_go_on(peers):
    from gpu_table import check_table, fault, kind_of

    check = {
        "precisions": {
            "float64": {"loss": 0.0, "gradients": 0.0, "move": 0.0, "right": True},
            "cudnn float64": {"skipped": "cuDNN has no plan"},
            "right float32": {"right": False, "worst": "W1"}
            | dict.fromkeys(("loss", "gradients", "move"), 0.5),
        }
    }
    assert [kind_of(one) for one in ("gradtutor", "gradtutor --conv cudnn")] == [
        "",
        "cudnn",
    ]
    assert fault(check, "") == ""
    assert "no plan" in fault(check, "cudnn")
    assert "WRONG in right float32 (W1 most)" in fault(check, "right")
    assert "took too long" in fault({"skipped": "took too long"}, "")
    text = "\n".join(check_table({"lenet": check, "cnn": {"skipped": "too long"}}))
    assert "skipped: cuDNN has no plan" in text and "skipped: too long" in text


ASKED = """
import json
import sys
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
import gpu_step
options = SimpleNamespace(precision="float32", only=["gradtutor", "graph"])
found = gpu_step.contenders("lenet", Path(), options)
print(json.dumps([list(found), list(gpu_step.THEIRS)]))
"""


def test_only_those_asked_for_are_timed(tmp_path):
    script = tmp_path / "asked.py"
    script.write_text(ASKED)
    done = run(script, str(BENCHMARKS))
    found, peers = json.loads(done.stdout)
    assert "PyTorch graph" in found and "gradtutor --conv cudnn" in found
    assert not {"JAX scan", "PyTorch eager"} & set(found)
    assert peers[:3] == [  # the peers that we aim at come first
        "PyTorch graph",
        "PyTorch compile (Adam eager)",
        "PyTorch compile, whole step",
    ]


def test_every_network_is_a_line_at_once(tmp_path):
    networks = [NETWORK, "mlp-784-16-16-10"]
    options = [*SMALL, "--json", "--minutes", "3", "--rounds", "1"]
    options += ["--seconds", "0.01", "--only=--no-graph"]
    done = run(BENCHMARKS / "gpu_step.py", *networks, *options)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [line["network"] for line in lines] == networks
    for line in lines:
        assert line["check"]["right"] and line["facts"]["device"]
        (row,) = line["times"].values()
        assert row["rounds"][0], row
