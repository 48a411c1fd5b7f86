"""Where the tests' files lie, and how much of the sampled tables is run."""

import os
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
#: Whole tables, classes and architectures in place of samples.
WHOLE = bool(os.environ.get("GRADTUTOR_WHOLE"))
