"""One flag: ``pytest --rewrite`` writes the golden files anew; and a browser."""

import os

from browser import driver, opened  # noqa: F401 (fixtures for the tests of the page)
from browser_training import page  # noqa: F401 (of the page that trains)

os.environ["LC_ALL"] = "C.UTF-8"  # whose language is English
os.environ.pop("GRADTUTOR_LANG", None)
# JAX as a witness computes little and compiles much: 40 % less time in all.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files anew"
    )
