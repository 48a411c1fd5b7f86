"""A person's own copy of EEGdenoiseNet: clean epochs, and artefacts to mix in."""

from __future__ import annotations

from pathlib import Path

from gradtutor.train.datasets import signals
from gradtutor.train.model import Call, DataError, Raw


def is_eeg_pair(clean: Path, noise: Path) -> bool:
    """Whether two files are called as EEGdenoiseNet's are."""
    return "EEG" in clean.name and any(kind in noise.name for kind in ("EOG", "EMG"))


def read_eeg_pair(clean: Path, noise: Path) -> Raw:
    """Read noisy and clean epochs, mixed at 0 dB."""
    try:
        noisy, pure = signals.load_eegdenoisenet(str(clean), str(noise))
    except SystemExit as error:
        raise DataError(str(error)) from None
    return Raw(
        title="EEGdenoiseNet",
        reader=Call(signals.load_eegdenoisenet, (str(noise),)),
        place=str(clean),
        table={"X": noisy, "y": pure},
        notice="The data are your own copy of EEGdenoiseNet (Zhang et al. 2021).",
        pair=True,
        functions=(signals.read_epochs, signals.standardised, signals.mix),
    )
