"""The same step for a GPU: kernels in C, products by cuBLASLt, one CUDA graph."""
