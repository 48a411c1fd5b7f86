"""What a CuPy script has besides if factors are kept in 16 bits: casts, loss scaling.

This module is read as text and never imported, like its neighbours.
"""

# ruff: noqa: ANN001, ANN201, ANN204, F821 (printed into scripts as they are)

import cupy as cp
import numpy as np

# ---- 16 bits ----


def narrow(dtype):
    """Return the type of factors and activations: 16 bits, but float64 in --check."""
    return HALF if dtype == np.float32 else dtype


# ---- loss scaling ----

UNSCALE = cp.ElementwiseKernel(
    "raw T scale",
    "T gradient, raw uint64 counts",
    "gradient /= scale[0]; if (!isfinite(gradient)) counts[0] = 1;",
    "unscale",
)
RESCALE = cp.ElementwiseKernel(
    "uint64 interval",
    "raw T scale, raw uint64 counts",
    """
    if (counts[0]) {  // the gradient overflowed, and the step was skipped
        scale[0] *= T(0.5);
        counts[1] = 0;
        counts[2] += 1;
    } else if (++counts[1] == interval) {
        if (isfinite(2 * scale[0])) scale[0] *= 2;
        counts[1] = 0;
    }
    counts[0] = 0;
    """,
    "rescale",
)


class LossScale:
    """Dynamic loss scaling (Micikevicius et al. 2018): float16 ends at 6e-8 and 65,504.

    The loss is multiplied by `scale` before its gradient is taken, and the gradient
    divided by it. A gradient with inf or nan makes the step be skipped and halves the
    scale; so many good steps in a row double it. All of it lies on the device.
    """

    START, INTERVAL = 2.0**16, 2_000

    def __init__(self, dtype):
        self.scale = cp.full((), self.START, dtype)
        self.counts = cp.zeros(3, cp.uint64)  # overflow now, good in a row, all skipped

    def unscale(self, gradient):
        """Divide the gradient by the scale, and note whether it is finite."""
        UNSCALE(self.scale, gradient, self.counts)

    def update(self):
        """Choose the next step's scale."""
        RESCALE(self.INTERVAL, self.scale, self.counts, size=1)

    def state(self):
        """Return what a checkpoint must hold."""
        return {"scale": cp.asnumpy(self.scale), "counts": cp.asnumpy(self.counts)}

    def restore(self, state):
        """Take up a checkpoint's values."""
        self.scale[...] = cp.asarray(state["scale"])
        self.counts[...] = cp.asarray(state["counts"])
