"""``--backend cupy``."""

from gradtutor.codegen.backends.device import CuPy

BACKEND = CuPy()
