"""NCCL's all-reduce, done by MPI: on the stream, in turn with its other work."""

from __future__ import annotations

import ctypes

import numpy as np

from cupy import _streams

available = True
NCCL_FLOAT32, NCCL_FLOAT64, NCCL_SUM = 7, 8, 0
TYPES = {NCCL_FLOAT32: ctypes.c_float, NCCL_FLOAT64: ctypes.c_double}


def get_unique_id() -> tuple[int, ...]:
    """Return the name of a ring that is to be made."""
    return tuple(range(128))


class NcclCommunicator:
    """A ring of ranks."""

    def __init__(self, ndev: int, commId: tuple[int, ...], rank: int) -> None:
        from mpi4py import MPI

        self.comm = MPI.COMM_WORLD
        if (ndev, rank) != (self.comm.size, self.comm.rank) or len(commId) != 128:
            raise ValueError("NCCL_ERROR_INVALID_ARGUMENT: invalid argument")

    def allReduce(
        self,
        sendbuf: int,
        recvbuf: int,
        count: int,
        datatype: int,
        op: int,
        stream: int,
    ) -> None:
        """Sum an array over all ranks, in place, when the stream comes to it."""
        current = _streams.current()
        if stream != current.ptr or sendbuf != recvbuf or op != NCCL_SUM:
            raise ValueError("the stand-in sums in place, on the current stream")
        kind = TYPES[datatype] * count
        values = np.ctypeslib.as_array(kind.from_address(sendbuf))

        def run(array: np.ndarray) -> None:
            from mpi4py import MPI

            self.comm.Allreduce(MPI.IN_PLACE, array)

        from cupy._arrays import enqueue

        enqueue("all_reduce", run, values)
