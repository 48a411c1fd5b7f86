"""A network's whole training step as one CUDA kernel, many steps a launch."""

from gradtutor.codegen.gpu.one_kernel.kernel import OneKernel, Update, one_kernel
from gradtutor.codegen.gpu.one_kernel.refusing import OneKernelError

__all__ = ["OneKernel", "OneKernelError", "Update", "one_kernel"]
