"""``--backend numba``."""

from gradtutor.codegen.backends.host import Numba

BACKEND = Numba()
