"""A headless Chromium for the tests of the page; also takes their pictures."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import gradtutor as gt

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def missing() -> str:
    """Say what a browser test lacks here; empty if nothing."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed"
    lacking = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    return f"no {' and no '.join(lacking)} on this machine" if lacking else ""


def require_browser() -> None:
    """Skip where there is no browser; in CI that is a failure."""
    reason = missing()
    if reason and (os.environ.get("CI") or os.environ.get("GRADTUTOR_NEEDS_BROWSER")):
        pytest.fail(f"{reason}: .ci/run installs it")
    if reason:
        pytest.skip(reason)


@contextmanager
def browser() -> Iterator[object]:
    """Start Chromium with a profile of its own, and end it."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        driver = webdriver.Chrome(options, service)
        try:
            yield driver
        finally:
            driver.quit()


def resize(driver, width: int, height: int = 900) -> None:
    """Give the page exactly this size, as a phone or a projector does."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def prefer(driver, **features: str) -> None:
    """Set media features: color_scheme="dark", reduced_motion="reduce"."""
    names = [
        {"name": f"prefers-{name.replace('_', '-')}", "value": value}
        for name, value in features.items()
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": names})


def requests(driver) -> list[str]:
    """Return the addresses that pages asked for since the last look."""
    messages = [json.loads(entry["message"]) for entry in driver.get_log("performance")]
    sent = [one["message"]["params"] for one in messages if _is_request(one)]
    return [one["request"]["url"] for one in sent]


def _is_request(message) -> bool:
    return message["message"]["method"] == "Network.requestWillBeSent"


def picture(driver, path: Path) -> None:
    """Write a picture of the whole page."""
    shot = driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True}
    )
    path.write_bytes(base64.b64decode(shot["data"]))


# ---- fixtures, known to the tests through conftest.py ----


@pytest.fixture(scope="session")
def driver():
    """One browser for all tests; it must have asked nobody for anything."""
    require_browser()
    with browser() as started:
        started.get("about:blank")
        requests(started)  # the browser's own start page
        yield started
        asked = [url for url in requests(started) if not re.match("file:|data:", url)]
        assert asked == []


@pytest.fixture
def opened(driver, tmp_path):
    """Write a page, open it, and find no error on its console at the end."""

    def open_(circuit, digits=2, *, at_start=False, **at):
        if isinstance(circuit, str):
            shapes = {name: np.shape(x) for name, x in at.items() if np.shape(x)}
            circuit = gt.parse(circuit, shapes)
        path = tmp_path / "page.html"
        circuit.render(path, gt.Style(digits=digits), **at)
        resize(driver, 1280)
        driver.get(path.as_uri())
        if not at_start:
            driver.execute_script("document.getElementById('last').click()")
        return circuit

    yield open_
    assert driver.get_log("browser") == []
