"""How many threads BLAS gets: in a script, under load, and in the program itself."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest
from networks import BLOB_DATA

from gradtutor import blas
from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.script.threads import LARGE, largest_product
from gradtutor.language import parse_network

SMALL = "Sequential([Input(4), Linear(6), Tanh(), Linear(3)])\nloss = 'mse'"
LARGE_NET = SMALL.replace("Linear(6)", "Linear(2048), Tanh(), Linear(2048)")
CONVOLUTION = (
    "Sequential([Input(1, 28, 28), Conv2d(8, 5), ReLU(), Flatten(), Linear(10)])\n"
    "loss = CrossEntropyLoss()"
)
RECURRENT = "Sequential([Input(5, 3), LSTM(16), Linear(2)])\nloss = 'mse'"

#: Network, batch and the multiplications m k n of its largest product, by hand.
PRODUCTS = [
    (SMALL, 32, 32 * 4 * 6),
    (SMALL, 1000, 1000 * 4 * 6),
    (LARGE_NET, 64, 64 * 2048 * 2048),
    (CONVOLUTION, 64, 64 * (24 * 24 * 8) * 10),
    (RECURRENT, 8, 5 * 8 * 16 * 64),
]


@pytest.mark.parametrize(("network", "batch", "count"), PRODUCTS)
def test_the_largest_product_is_counted(network, batch, count):
    assert largest_product(parse_network(network), batch) == count


# ---- what a script sets before it imports NumPy ----


def text_of(network=SMALL, **settings):
    graph = parse_network(network, classes=3 if "Cross" in network else None)
    data = replace(BLOB_DATA, classes=None)
    return training_script(graph, data, Settings(**settings), "net.py")


def begun(monkeypatch, text, *arguments, **variables):
    """Run a script's lines before NumPy; return its THREADS and the variables."""
    monkeypatch.setattr(sys, "argv", ["net.py", "--json", *arguments])
    for name in blas.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    head, numpy, _ = text.partition("import numpy as np")
    assert numpy
    space = {"__name__": "__main__"}
    exec(head, space)
    found = {name: os.environ.get(name) for name in blas.VARIABLES}
    return space["THREADS"], found


def all_of(number):
    return dict.fromkeys(blas.VARIABLES, number)


def test_small_products_get_one_thread(monkeypatch):
    assert begun(monkeypatch, text_of()) == (1, all_of("1"))


def test_the_command_line_says_otherwise(monkeypatch):
    assert begun(monkeypatch, text_of(), "--threads", "3") == (3, all_of("3"))
    assert begun(monkeypatch, text_of(), "--threads=5") == (5, all_of("5"))


def test_an_explicit_one_holds_for_large_products_too(monkeypatch):
    assert begun(monkeypatch, text_of(LARGE_NET, threads=1)) == (1, all_of("1"))


@pytest.mark.parametrize("name", blas.VARIABLES)
@pytest.mark.parametrize("settings", [{}, {"threads": 2}])
def test_a_variable_that_the_user_set_stays(name, settings, monkeypatch):
    _, found = begun(monkeypatch, text_of(**settings), "--threads", "3", **{name: "7"})
    assert found == all_of(None) | {name: "7"}


def test_shards_have_one_thread_each(monkeypatch):
    assert begun(monkeypatch, text_of(threads=2)) == (2, all_of("1"))
    assert begun(monkeypatch, text_of(threads=2), "--threads", "4") == (4, all_of("1"))


@pytest.mark.parametrize(
    ("average", "running", "free"), [(0.1, 9, 4), (3.2, 1, 4), (2.0, 3, 2), (9, 9, 1)]
)
def test_large_products_get_the_idle_cores(average, running, free, monkeypatch):
    text = text_of(LARGE_NET, batch_size=64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4))
    monkeypatch.setattr(os, "getloadavg", lambda: (average, 0, 0))
    monkeypatch.setattr("pathlib.Path.exists", lambda _: True)
    monkeypatch.setattr(
        "pathlib.Path.read_text", lambda _: f"0 0 0 {running}/345 678\n"
    )
    assert begun(monkeypatch, text) == (free, all_of(str(free)))
    assert LARGE <= 64 * 2048 * 2048


def test_help_shows_the_threads_and_zero_is_refused(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(text_of(), encoding="utf-8")
    command = [sys.executable, str(path)]
    shown = subprocess.run(
        [*command, "--help"], capture_output=True, text=True, check=True
    )
    assert "threads of matrix products (1)" in " ".join(shown.stdout.split())
    for value, word in (("0", "greater than 0"), ("many", "invalid int")):
        done = subprocess.run(
            [*command, "--threads", value], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert word in done.stderr


# ---- under load ----

WIDE = "Sequential([Input(784), Linear(128), ReLU(), Linear(10)])\nloss = 'mse'"
NOISE = '''def load_noise():
    """Numbers of MNIST's size that mean nothing."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(4000, 784)).astype(np.float32)
    return X, rng.normal(size=(4000, 10)).astype(np.float32)


def split(X, y, test_fraction, seed):
    """Hold out the last rows."""
    return X[:3200], y[:3200], X[3200:], y[3200:]'''


@contextmanager
def busy_process():
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        child.kill()
        child.wait()


def step_ms(path):
    """Return the mean time of a step, gathering of the data included."""
    environment = {k: v for k, v in os.environ.items() if k not in blas.VARIABLES}
    done = subprocess.run(
        [sys.executable, str(path), "--json", "--epochs", "2"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])["step_ms"]


def slowdown(path):
    """Return how much slower a step is beside a busy process: medians of three."""
    quiet, loaded = [], []
    for _ in range(3):
        quiet.append(step_ms(path))
        with busy_process():
            loaded.append(step_ms(path))
    return statistics.median(loaded) / statistics.median(quiet)


def test_a_busy_process_beside_it_costs_no_more_than_its_share(tmp_path):
    data = replace(
        BLOB_DATA, functions=NOISE, load_call="load_noise()", features=784, classes=None
    )
    path = tmp_path / "net.py"
    graph = parse_network(WIDE, 784, None)
    path.write_text(training_script(graph, data, Settings()), encoding="utf-8")
    found = []
    while not found or (min(found) > 2.5 and len(found) < 4):  # others run here, too
        found.append(slowdown(path))
    assert min(found) <= 2.5, found


# ---- the program itself ----


def test_the_program_takes_one_thread_and_hands_on_what_the_user_set():
    code = (
        "import os, sys; from gradtutor import blas\n"
        "blas.take_one_thread(); blas.take_one_thread()\n"
        "print([os.environ.get(name) for name in blas.VARIABLES])\n"
        "print([blas.users_environment().get(name) for name in blas.VARIABLES])"
    )

    def printed(before="", **variables):
        plain = {k: v for k, v in os.environ.items() if k not in blas.VARIABLES}
        done = subprocess.run(
            [sys.executable, "-c", before + code],
            capture_output=True, text=True, check=True, env=plain | variables,
        )  # fmt: skip
        return done.stdout.splitlines()

    count = len(blas.VARIABLES)
    assert printed() == [str(["1"] * count), str([None] * count)]
    only = str([None, None, None, None, "6"])
    assert printed(OMP_NUM_THREADS="6") == [only, only]
    assert printed("import numpy\n") == [str([None] * count)] * 2  # it is too late


def test_no_command_imports_numpy_before_the_threads_are_set():
    code = "import sys, gradtutor.cli; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
