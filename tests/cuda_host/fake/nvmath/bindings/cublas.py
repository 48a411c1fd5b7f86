"""nvmath.bindings.cublas: its numbers."""

from enum import IntEnum


class ComputeType(IntEnum):
    """See `cublasComputeType_t`."""

    COMPUTE_32F = 68
    COMPUTE_64F = 70
    COMPUTE_32F_FAST_16F = 74
    COMPUTE_32F_FAST_16BF = 75
    COMPUTE_32F_FAST_TF32 = 77
