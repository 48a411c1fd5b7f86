"""A back end a module, called as ``--backend`` calls it: its ``BACKEND``."""
