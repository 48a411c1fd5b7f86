"""Text of modules in JAX and PyTorch: read as it is, never imported."""
