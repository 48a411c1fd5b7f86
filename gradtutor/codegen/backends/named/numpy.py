"""``--backend numpy``."""

from gradtutor.codegen.backends.host import NumPy

BACKEND = NumPy()
