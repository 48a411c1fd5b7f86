"""How much signal, how much noise."""

import numpy as np


def snr_db(clean, estimate):
    """Return the signal-to-noise ratio of an estimate in decibels.

    The power of the clean signal over the power of what is wrong with the estimate.
    """
    signal = np.sum(clean**2)
    noise = np.sum((estimate - clean) ** 2)
    return 10 * np.log10(signal / noise)
