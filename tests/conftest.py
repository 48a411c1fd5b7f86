"""Nothing but the path to the helper modules and JAX in float64 on the CPU."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files anew"
    )
