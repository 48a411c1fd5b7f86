"""What the tests do with a page: press keys, type numbers, read the wires."""

from __future__ import annotations

import numpy as np

from gradtutor.graph import arguments, topological_order

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON_AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
LENET = """Sequential([Input(1, 8, 8), Conv2d(2, 3), ReLU(), MaxPool2d(2),
Flatten(), Linear(3)])
loss = CrossEntropyLoss()"""


def click(driver, element_id: str) -> None:
    driver.execute_script("document.getElementById(arguments[0]).click()", element_id)


def press(driver, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def text_of(driver, element_id: str) -> str:
    script = "return document.getElementById(arguments[0]).textContent"
    return driver.execute_script(script, element_id)


def write(driver, values: dict[str, float]) -> None:
    """Type numbers into the fields, by the event that typing makes."""
    words = {name: repr(float(value)) for name, value in values.items()}
    driver.execute_script(
        """for (const [name, text] of Object.entries(arguments[0])) {
          const field = document.querySelector(`[aria-label="${name}, value"]`);
          field.value = text;
          field.dispatchEvent(new Event("input"));
        }""",
        words,
    )


def on_wires(driver) -> dict[tuple[int, int, int], tuple[np.ndarray, ...]]:
    """Read (value, gradient) off every label: by source, target and position."""
    rows = driver.execute_script(
        """const data = JSON.parse(document.getElementById("data").textContent);
        const all = [...document.querySelectorAll(".view")];
        const place = all.findIndex((view) => !view.hidden);
        const view = data.views[place], program = data.programs[view.program];
        return view.wires.map(([wire], i) => {
          const label = document.getElementById(`v${place}-w${i}`).dataset;
          const source = wire === null ? program.output : program.wires[wire].from;
          const target = wire === null ? -1 : program.wires[wire].to;
          return [source, target, wire, label.value, label.gradient];
        });"""
    )
    seen: dict[tuple[int, int], int] = {}
    found = {}
    for source, target, _, value, gradient in rows:
        position = seen[source, target] = seen.get((source, target), -1) + 1
        found[source, target, position] = read(value), read(gradient)
    return found


def read(text: str | None) -> np.ndarray | None:
    """Read the exact numbers of a label."""
    if text is None:
        return None
    words = text.replace("Infinity", "inf").split(" ")
    return np.array([float(word) for word in words])


def agree(ours, theirs, what) -> None:
    """Compare to 1e-12 (relative above 1); nan is nan, infinity the same infinity."""
    theirs = np.ravel(theirs)
    with np.errstate(all="ignore"):
        near = abs(ours - theirs) <= 1e-12 * np.maximum(1, abs(theirs))
    same = near | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    assert same.all(), (what, ours, theirs)


def check_wires(driver, circuit, at) -> int:
    """Compare every wire of the page with the program's trace."""
    trace = circuit.trace(**at)
    order = topological_order(trace.graph)
    found = on_wires(driver)
    for (source, target, use), (value, gradient) in found.items():
        node = order[source]
        if trace.values[node].size > 64:  # the page keeps no copy of so many numbers
            continue
        if target < 0:
            expected = trace.node_gradients[trace.output]
        else:
            args = arguments(trace.graph, order[target])
            position = [i for i, arg in enumerate(args) if arg == node][use]
            expected = trace.gradients.get((node, order[target], position))
        agree(value, trace.values[node], (at, node))
        if expected is not None:
            agree(gradient, expected, (at, node, target))
    return len(found)
