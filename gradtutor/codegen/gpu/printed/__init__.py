"""Text of CuPy scripts: read as it is, never imported."""
