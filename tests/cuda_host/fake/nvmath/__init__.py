"""What scripts use of nvmath-python, over the stand-in for cuBLASLt."""

from enum import IntEnum


class CudaDataType(IntEnum):
    """See `cudaDataType_t`."""

    CUDA_R_32F = 0
    CUDA_R_64F = 1
    CUDA_R_16F = 2
    CUDA_R_16BF = 14
