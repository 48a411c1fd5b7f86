"""EEG to clean and ECG to classify, whose text is printed into scripts that need them.

All arrays hold one epoch or window in a row: (epochs, samples).
"""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import hashlib
import importlib.util
import io
from pathlib import Path

import numpy as np

# ---- EEG: noisy and clean pairs ----


def make_eeg(epochs=2000, samples=512, rate=256, snr_db=0.0, seed=0):
    """Make EEG and the same EEG under eye blinks and muscle activity.

    Synthetic, after the recipe of EEGdenoiseNet: clean + lambda * artefact.
    A third of the epochs holds blinks, a third muscle bursts, a third both.

    Parameters
    ----------
    epochs, samples : int
        Number of epochs, and length of each; an epoch lasts samples / rate seconds.
    rate : int
        Samples per second, at least 128 (muscle activity reaches 60 Hz).
    snr_db : float
        Power of the clean epoch over the power of its artefact, in decibels.
    seed : int
        The same seed gives the same epochs.

    Returns
    -------
    noisy, clean : ndarray, (epochs, samples), float32
        Every clean epoch has mean 0 and standard deviation 1.
    """
    if rate < 128:
        raise SystemExit(f"a rate of {rate} is too slow for muscle activity: use 128")
    rng = np.random.default_rng(seed)
    shape = (epochs, samples)
    clean = standardised(
        standardised(noise_in_band(rng, shape, rate, 1, 80, slope=1))
        + alpha_bursts(rng, shape, rate)
    )
    blinks = bumps(rng, shape, rate, seconds=(0.2, 0.4))
    envelope = bumps(rng, shape, rate, seconds=(0.3, 1.0))
    muscle = envelope * noise_in_band(rng, shape, rate, 20, 60, slope=0)
    kind = rng.integers(0, 3, (epochs, 1))  # 0: blinks, 1: muscle, 2: both
    muscle /= muscle.std()
    noise = (kind != 1) * 4 * blinks + (kind != 0) * muscle  # blinks tower over all
    return mix(clean, noise, snr_db).astype(np.float32), clean.astype(np.float32)


def noise_in_band(rng, shape, rate, low, high, slope):
    """Return Gaussian noise whose power falls as 1 / f**slope from low to high Hz.

    Twice the length is made and cut, so that an epoch's end does not meet its start.
    """
    epochs, samples = shape
    f = np.fft.rfftfreq(2 * samples, 1 / rate)  # Hz
    inside = (f >= low) & (f <= high)
    size = np.where(inside, np.maximum(f, low) ** (-slope / 2), 0)
    real, imaginary = rng.standard_normal((2, epochs, len(f)))
    return np.fft.irfft(size * (real + 1j * imaginary))[:, :samples]


def alpha_bursts(rng, shape, rate):
    """Return waves of 8-13 Hz that swell and fade, (epochs, samples)."""
    t = np.arange(shape[1]) / rate  # seconds
    f = rng.uniform(8.5, 12.5, (shape[0], 1))  # Hz; a burst is about 1 Hz wide
    phase = rng.uniform(0, 2 * np.pi, (shape[0], 1))
    envelope = bumps(rng, shape, rate, seconds=(0.8, 1.6))
    return 2 * envelope * np.sin(2 * np.pi * f * t + phase)


def bumps(rng, shape, rate, seconds):
    """Return one or two raised cosines an epoch, of a width between two seconds."""
    epochs, samples = shape
    t = np.arange(samples) / rate  # seconds
    total = np.zeros(shape)
    for share in (1, 0.5):  # a second bump in half of the epochs
        height = rng.uniform(0.7, 1, (epochs, 1)) * (rng.random((epochs, 1)) < share)
        width = rng.uniform(*seconds, (epochs, 1))
        centre = rng.uniform(0.1, 0.9, (epochs, 1)) * samples / rate
        u = (t - centre) / width
        total += height * np.where(abs(u) < 0.5, np.cos(np.pi * u) ** 2, 0)
    return total


def standardised(rows):
    """Return every row with mean 0 and standard deviation 1."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / rows.std(axis=1, keepdims=True)


def mix(clean, noise, snr_db):
    """Return clean + lambda * noise, each row at the stated signal-to-noise ratio.

    10 log10(power(clean) / power(lambda * noise)) = snr_db, power = mean square
    (the mixture of Zhang et al. 2021, EEGdenoiseNet; their own code takes 10 log10
    of the ratio of root mean squares, so that its -7 dB are -14 dB here).
    """
    wanted = np.mean(clean**2, axis=1, keepdims=True) / 10 ** (snr_db / 10)
    return clean + np.sqrt(wanted / np.mean(noise**2, axis=1, keepdims=True)) * noise


def load_eegdenoisenet(clean_path, noise_path, snr_db=0.0, seed=0):
    """Mix your own copy of EEGdenoiseNet into noisy and clean pairs.

    Parameters
    ----------
    clean_path : str or Path
        EEG_all_epochs.npy, (n, 512) at 256 samples a second.
    noise_path : str or Path
        EOG_all_epochs.npy (eye) or EMG_all_epochs.npy (muscle), (m, 512).
    snr_db : float
        Power of the clean epoch over the power of its artefact, in decibels.
    seed : int
        Seed of the pairing.

    Returns
    -------
    noisy, clean : ndarray, (min(n, m), 512), float32
        No epoch is used twice: whatever way you split them, none is in both parts.
        Every clean epoch has mean 0 and standard deviation 1.
    """
    clean, noise = read_epochs(clean_path), read_epochs(noise_path)
    rng = np.random.default_rng(seed)
    pairs = min(len(clean), len(noise))
    clean = standardised(clean[rng.permutation(len(clean))[:pairs]])
    noise = standardised(noise[rng.permutation(len(noise))[:pairs]])
    return mix(clean, noise, snr_db).astype(np.float32), clean.astype(np.float32)


def read_epochs(path):
    """Return the epochs of a .npy file, (n, 512) float64; stop when they are unfit."""
    try:  # maps the file, and never unpickles
        epochs = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise SystemExit(
            f"cannot read {path} as a .npy file: give the path of your own copy of "
            f"EEGdenoiseNet's data ({error})"
        ) from None
    shape = getattr(epochs, "shape", ())  # an .npz file has none
    if len(shape) != 2 or shape[1] != 512 or shape[0] == 0:
        raise SystemExit(
            f"{path} holds {shape}, not (epochs, 512): use EEG_all_epochs.npy, "
            "EOG_all_epochs.npy or EMG_all_epochs.npy of EEGdenoiseNet"
        )
    if epochs.dtype.kind not in "fiu":
        raise SystemExit(f"{path} holds {epochs.dtype}: save it as real numbers")
    epochs = epochs.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(epochs).all(axis=1) | (np.ptp(epochs, 1) == 0))
    if len(bad):
        raise SystemExit(
            f"{path}: epoch {bad[0]} is constant, or has nan or infinity: remove it "
            f"({len(bad)} such epochs)"
        )
    return epochs


# ---- how close an estimate comes ----


def snr_db(clean, estimate):
    """Return the signal-to-noise ratio of an estimate in decibels, mean over epochs.

    10 log10(sum clean**2 / sum (estimate - clean)**2), by epoch (the last axis);
    infinite where an estimate is exact.
    """
    clean = np.asarray(clean, dtype=np.float64)
    error = np.sum((estimate - clean) ** 2, axis=-1)
    with np.errstate(divide="ignore"):
        return float(np.mean(10 * np.log10(np.sum(clean**2, axis=-1) / error)))


def relative_rmse(clean, estimate):
    """Return RMS(estimate - clean) / RMS(clean), mean over epochs (the last axis).

    RRMSE_temporal of EEGdenoiseNet: 0 is exact, 1 is as far off as silence.
    """
    clean = np.asarray(clean, dtype=np.float64)
    error = np.mean((estimate - clean) ** 2, axis=-1)
    return float(np.mean(np.sqrt(error / np.mean(clean**2, axis=-1))))


# ---- ECG: what happened to the beat? ----


def load_ecg_windows(n=2000, noise=0.05, seed=0):
    """Return windows of a real heartbeat, and what was done to it.

    The signal is the one ECG record of PyWavelets: 1,024 samples, three beats, no
    labels. So the classes are made here, they are no diagnoses:
    0 = unchanged, 1 = QRS turned upside down, 2 = beat flattened (a running median
    in place of the QRS). Every window shows one beat at a random place.

    Parameters
    ----------
    n : int
        Number of windows; the classes share them equally.
    noise : float
        Standard deviation of the added white noise, as a part of the record's
        peak-to-peak height; slow baseline wander of up to twice that is added too.
    seed : int
        Seed of places, classes and noise.

    Returns
    -------
    X : ndarray, (n, 100), float32
        Every window has mean 0 and standard deviation 1.
    y : ndarray, (n,), int64
        Classes 0, 1, 2. **Split by position, not at random**: the last 20 % of the
        rows (n // 5) come from the last 30 % of the record (one beat), the others
        from the first 70 % (two beats); no sample of the record is in both.
    """
    record = packaged_record(
        "pywt",
        "data/ecg.npz",
        "ea720476139341eabecf3e44cc602cd75576aff1e4156b1c069f7b33e86a9e6b",
    )
    rng = np.random.default_rng(seed)
    cut = int(0.7 * len(record))
    windows, labels = [], []
    for part, rows in ((record[:cut], n - n // 5), (record[cut:], n // 5)):
        y = rng.permutation(np.arange(rows) % 3)
        beats = cut_beats(rng, part, y)
        windows.append(beats + disturbance(rng, beats.shape, noise * np.ptp(part)))
        labels.append(y)
    X = standardised(np.concatenate(windows))
    return X.astype(np.float32), np.concatenate(labels).astype(np.int64)


def packaged_record(package, file, sha256):
    """Read the array "data" of an .npz that ships in a package, without running it."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise SystemExit("the data need the package PyWavelets: pip install PyWavelets")
    content = (Path(spec.origin).parent / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit(f"{file} in {package} is not the file that was expected")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return arrays["data"].astype(np.float64)


def cut_beats(rng, part, labels):
    """Cut a window of 100 samples around an R peak for each label, (rows, 100).

    The QRS is what stands out of a running median; class 0 keeps it, class 2 takes
    it away, class 1 takes it away twice, which turns it upside down.
    """
    near = np.lib.stride_tricks.sliding_window_view(np.pad(part, 40, "edge"), 81)
    above = part - np.median(near, axis=1)  # (samples of the part,)
    peaks = r_peaks(above)
    at = rng.choice(peaks, len(labels))
    start = at - rng.integers(15, 85, len(labels))  # the peak is at 15..84
    rows = start[:, None] + np.arange(100)
    qrs = np.where(abs(rows - at[:, None]) <= 30, above[rows], 0)
    return part[rows] - np.array([0, 2, 1])[labels][:, None] * qrs


def r_peaks(above):
    """Return where the beats are highest: R peaks, at least 100 samples apart."""
    high = np.flatnonzero(above > above.max() / 2)
    return [i for i in high if above[i] == above[max(0, i - 100) : i + 100].max()]


def disturbance(rng, shape, size):
    """Return white noise of a standard deviation, and baseline wander of twice that."""
    rows, samples = shape
    period = rng.uniform(150, 400, (rows, 1))  # samples
    phase = rng.uniform(0, 2 * np.pi, (rows, 1))
    height = 2 * size * rng.random((rows, 1))
    wander = height * np.sin(2 * np.pi * np.arange(samples) / period + phase)
    return wander + size * rng.standard_normal(shape)
