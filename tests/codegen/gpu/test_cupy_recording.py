"""A step recorded as a CUDA graph may take no memory; an error ends the capture."""

from __future__ import annotations

import pytest
from cuda_host.scripts import run_script
from test_cupy_half import driven
from test_cupy_script import written

MLP = "relu-crossentropy-adam"
PLACE = "    N = X.shape[0]\n"


def planted(folder, line):
    """Return a script with one more line in its step."""
    path = written(folder, MLP, "cupy")
    head, mark, step = path.read_text().partition("def loss_and_gradients(")
    assert step.count(PLACE) >= 1
    path.write_text(head + mark + step.replace(PLACE, PLACE + f"    {line}\n", 1))
    return path


@pytest.mark.gpu
@pytest.mark.parametrize("line", ["extra = cp.empty(N, X.dtype)", "extra = X + 1"])
def test_memory_taken_in_a_recorded_step_is_refused(tmp_path, line):
    path = planted(tmp_path, line)
    done = run_script(path)
    assert done.returncode == 1
    assert "RuntimeError: a recorded step takes" in done.stderr, done.stderr[-800:]
    assert "bytes of memory" in done.stderr and "arrays" in done.stderr


def test_the_same_step_runs_without_a_graph(tmp_path):
    done = run_script(planted(tmp_path, "extra = cp.empty(N, X.dtype)"), "--no-graph")
    assert done.returncode == 0, done.stderr[-2000:]


ENDED = """
stream = cp.cuda.Stream(non_blocking=True)
with stream:
    def step():
        {fault}
    try:
        script.recorded(step)
    except Exception as error:
        found = [type(error).__name__, str(error)]
    after = cp.zeros(3)
    found += [stream.is_capturing(), after.tolist()]
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("fault", "name"),
    [("cp.empty(5)", "RuntimeError"), ("1 / 0", "ZeroDivisionError")],
)
def test_an_error_ends_the_capture(tmp_path, fault, name):
    """Whatever goes wrong, the stream and its memory are as before."""
    code = ENDED.format(fault=fault)
    kind, said, capturing, zeros = driven(written(tmp_path, MLP, "cupy"), code)
    assert (kind, capturing, zeros) == (name, False, [0, 0, 0]), said
