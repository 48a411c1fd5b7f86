"""Take the pictures of docs/page.md: ``python tests/browser_pictures.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from browser import browser, picture, prefer, resize

import gradtutor as gt

ROOT = Path(__file__).parent.parent
NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON_AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
OPEN_FIRST = (
    "document.querySelector('circle.badge')"
    ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
)


def back(steps: int) -> str:
    """Return what goes some steps back."""
    return f"for (let i = 0; i < {steps}; i++) document.getElementById('back').click()"


#: Picture: circuit, values, width, colour scheme, what is done first.
PICTURES = {
    "page-product": (
        *(gt.parse("q = x + y; f = q*z"), {"x": -2, "y": 5, "z": -4}),
        *(1280, "light", back(1)),
    ),
    "page-fork": (
        *(gt.parse("f = max(x*y, x + z)"), {"x": 2, "y": 3, "z": 4}),
        *(1280, "dark", back(1)),
    ),
    "page-neuron": (
        *(gt.parse(NEURON).close(), NEURON_AT),
        *(1280, "light", "document.getElementById('fold').click();" + back(2)),
    ),
    "page-tensor": (
        *(gt.parse("sum(tanh(W @ x + b))", {"W": (2, 2), "x": (2,), "b": (2,)}),),
        {"W": [[1, 2], [3, 4]], "x": [1, -1], "b": [0.5, 0.5]},
        *(1280, "light", back(4)),
    ),
    "page-lenet": (
        *(gt.parse((ROOT / "examples/lenet.net").read_text()), {}),
        *(1600, "light", back(3)),
    ),
    "page-lenet-open": (
        *(gt.parse((ROOT / "examples/lenet.net").read_text()), {}),
        *(1600, "dark", back(1) + ";" + OPEN_FIRST),
    ),
    "page-phone": (
        *(gt.parse("q = x + y; f = q*z"), {"x": -2, "y": 5, "z": -4}),
        *(360, "light", back(1)),
    ),
}


def main() -> None:
    """Write all of them to docs/pictures."""
    with browser() as driver, tempfile.TemporaryDirectory() as folder:
        for name, (circuit, at, width, scheme, act) in PICTURES.items():
            page = Path(folder) / f"{name}.html"
            circuit.render(page, **at)
            resize(driver, width)
            prefer(driver, color_scheme=scheme, reduced_motion="reduce")
            driver.get(page.as_uri())
            driver.execute_script(f"document.getElementById('last').click();{act}")
            height = driver.execute_script(
                "return document.documentElement.scrollHeight"
            )
            resize(driver, width, min(height, 1100))
            picture(driver, ROOT / "docs" / "pictures" / f"{name}.png")


if __name__ == "__main__":
    main()
