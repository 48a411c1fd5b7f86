"""What all tests share: ``pytest --rewrite``, sampled tables, a browser."""

import os
import signal
from collections import Counter

from browser import driver, opened  # noqa: F401 (fixtures for the tests of the page)
from browser_training import page, written  # noqa: F401 (of the page that trains)
from places import WHOLE

os.environ["LC_ALL"] = "C.UTF-8"  # whose language is English
os.environ.pop("GRADTUTOR_LANG", None)
# A shell ignores Ctrl-C for what it starts in the background; children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# JAX as a witness computes little and compiles much: 40 % less time in all.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files anew"
    )


def pytest_collection_modifyitems(config, items):
    """Take every k-th parameter of what is marked ``sampled(k)``."""
    if WHOLE or config.getoption("keyword"):
        return
    met, kept, left = Counter(), [], []
    for item in items:
        mark = item.get_closest_marker("sampled")
        test = item.nodeid.partition("[")[0]
        chosen = mark is None or met[test] % mark.args[0] == 0
        met[test] += 1
        (kept if chosen else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
