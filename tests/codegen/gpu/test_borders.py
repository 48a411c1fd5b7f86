"""Windows of a padded image are cut from the image: there is no padded copy."""

from __future__ import annotations

import pytest

from gradtutor.codegen import Settings
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

HEAD = "Sequential([Input(3, 8, 8), Conv2d(4, 3, padding=1), ReLU(), "
TAIL = ", Flatten(), Linear(2)])\nloss = MSELoss()"


@pytest.mark.parametrize(
    "layer",
    [
        "Conv2d(4, 3, padding=1)",
        "Conv2d(5, 3, padding='same', dilation=2)",
        "Conv2d(4, 3, stride=2, padding=1)",
        "Conv2d(4, 3, groups=2, padding=1)",
        "ZeroPad2d(1), Conv2d(4, 3)",
    ],
)
def test_no_padded_image_is_copied(layer):
    """Values are those of test_cupy_script.py's padded networks."""
    graph = parse_network(HEAD + layer + TAIL)
    _, program, _ = step_program(graph, Settings(backend="cupy"))
    assert sum(op.kind == "pad" for op in program.ops) == 0
    bordered = [op for op in program.ops if op.options.get("padding")]
    assert len(bordered) >= 2
