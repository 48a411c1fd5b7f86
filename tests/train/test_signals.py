"""Signals: the ratio is what was asked, the spectra are right, nothing leaks."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest

from gradtutor.train.datasets import signals
from gradtutor.train.datasets.signals import (
    cut_beats,
    load_ecg_windows,
    load_eegdenoisenet,
    make_eeg,
    mix,
    packaged_record,
    r_peaks,
    relative_rmse,
    snr_db,
)

RATE = 256


def ratio_of_each(clean, noisy):
    """Power of each clean epoch over its artefact's, dB: written anew, in float64."""
    x, n = clean.astype(float), noisy.astype(float) - clean
    return [10 * np.log10((a @ a) / (b @ b)) for a, b in zip(x, n, strict=True)]


def spectrum(rows):
    """Mean power by frequency, and the frequencies in Hz."""
    f = np.fft.rfftfreq(rows.shape[1], 1 / RATE)
    return f, np.mean(np.abs(np.fft.rfft(rows.astype(float))) ** 2, axis=0)


# ---- EEG made here ----


@pytest.mark.parametrize("wanted", [-7.0, 0.0, 2.5])
def test_every_epoch_has_exactly_the_ratio_asked_for(wanted):
    noisy, clean = make_eeg(epochs=60, snr_db=wanted)
    np.testing.assert_allclose(ratio_of_each(clean, noisy), wanted, atol=1e-4)


def test_clean_epochs_are_standardised_float32():
    noisy, clean = make_eeg(epochs=50, samples=384)
    assert noisy.shape == clean.shape == (50, 384)
    assert noisy.dtype == clean.dtype == np.float32
    np.testing.assert_allclose(clean.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(clean.std(axis=1), 1, atol=1e-6)


def test_the_seed_decides_and_no_epoch_comes_twice():
    first, again, other = (make_eeg(epochs=40, seed=seed) for seed in (3, 3, 4))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.any(np.all(a == c, axis=1))
    assert len(np.unique(first[1], axis=0)) == 40


def test_alpha_stands_out_of_a_background_that_falls_as_one_over_f():
    _, clean = make_eeg(epochs=600)
    f, power = spectrum(clean)
    alpha = (f >= 5) & (f <= 20)
    assert 8 <= f[alpha][np.argmax(power[alpha])] <= 13
    assert power[(f > 9) & (f < 12)].mean() > 3 * power[(f > 15) & (f < 18)].mean()
    line = (f >= 16) & (f <= 75)
    slope = np.polyfit(np.log(f[line]), np.log(power[line]), 1)[0]
    assert slope == pytest.approx(-1, abs=0.1)


def test_artefacts_are_slow_blinks_or_muscle_of_20_to_60_hz():
    noisy, clean = make_eeg(epochs=600)
    f, power = spectrum(noisy - clean)
    inside = (f < 10) | ((f > 18) & (f < 62))
    assert power[inside].sum() > 0.99 * power.sum()
    slow = spectrum_share(noisy - clean, below=10)
    kinds = [np.mean(slow > 0.99), np.mean(slow < 0.1)]
    assert kinds == pytest.approx([1 / 3, 1 / 3], abs=0.07), kinds
    blink = (noisy - clean)[slow > 0.99]
    lasts = np.mean(blink > 0.05 * blink.max(axis=1, keepdims=True), axis=1) * 2
    assert 0.15 < lasts.min() < lasts.max() <= 0.8  # seconds: one blink, or two


def spectrum_share(rows, below):
    power = np.abs(np.fft.rfft(rows.astype(float))) ** 2
    f = np.fft.rfftfreq(rows.shape[1], 1 / RATE)
    return power[:, f < below].sum(axis=1) / power.sum(axis=1)


def test_a_rate_too_slow_for_muscle_is_refused():
    with pytest.raises(SystemExit, match="use 128"):
        make_eeg(epochs=2, rate=100)


# ---- a person's EEGdenoiseNet ----


@pytest.fixture
def own_files(tmp_path):
    rng = np.random.default_rng(0)
    clean, noise = 30 * rng.standard_normal((9, 512)), rng.standard_normal((7, 512))
    np.save(tmp_path / "EEG_all_epochs.npy", clean)
    np.save(tmp_path / "EOG_all_epochs.npy", noise)
    return tmp_path / "EEG_all_epochs.npy", tmp_path / "EOG_all_epochs.npy"


def test_pairs_hold_every_epoch_once_at_the_ratio(own_files):
    noisy, clean = load_eegdenoisenet(*map(str, own_files), snr_db=-3.0, seed=1)
    assert noisy.shape == clean.shape == (7, 512)
    np.testing.assert_allclose(ratio_of_each(clean, noisy), -3, atol=1e-4)
    for mixed, path in ((clean, own_files[0]), (noisy - clean, own_files[1])):
        alike = np.abs(np.corrcoef(mixed, np.load(path))[: len(mixed), len(mixed) :])
        assert np.all(np.sum(alike > 0.999, axis=1) == 1)  # each is one of the file's
        assert len(set(alike.argmax(axis=1))) == 7  # and each another


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (np.ones((4, 1024)), r"holds \(4, 1024\), not \(epochs, 512\)"),
        (np.ones(512), r"holds \(512,\)"),
        (np.ones((0, 512)), r"holds \(0, 512\)"),
        (np.full((3, 512), 1j), "real numbers"),
        (np.array([{}]), "cannot read"),  # pickled
        (np.full((3, 512), np.nan), r"epoch 0 .*3 such"),
        (np.ones((3, 512)), "epoch 0 is constant"),
        (b"no numpy file", "cannot read"),
        (b"", "cannot read"),
        (None, "cannot read"),
    ],
)
def test_unfit_files_are_refused_in_one_line(own_files, content, says):
    bad = own_files[1]
    bad.unlink()
    if isinstance(content, bytes):
        bad.write_bytes(content)
    elif content is not None:
        np.save(bad, content, allow_pickle=True)
    with pytest.raises(SystemExit, match=says) as stop:
        load_eegdenoisenet(own_files[0], bad)
    assert "\n" not in str(stop.value)


def test_an_npz_is_refused(tmp_path, own_files):
    np.savez(tmp_path / "x.npz", np.ones((2, 512)))
    with pytest.raises(SystemExit, match=r"use EEG_all_epochs\.npy"):
        load_eegdenoisenet(tmp_path / "x.npz", own_files[1])


# ---- measures ----


def test_measures_on_epochs_done_by_hand():
    clean = np.array([[1.0, -1.0], [2.0, 2.0]])
    estimate = np.array([[1.1, -1.1], [2.0, 0.0]])
    # error power over clean power: 0.01 (20 dB) and 0.5 (3.01 dB)
    assert snr_db(clean, estimate) == pytest.approx((20 + 10 * np.log10(2)) / 2)
    assert relative_rmse(clean, estimate) == pytest.approx((0.1 + 0.5**0.5) / 2)
    assert snr_db(clean[0], estimate[0]) == pytest.approx(20)


def test_an_exact_estimate_and_silence():
    clean = np.random.default_rng(0).standard_normal((3, 50)).astype(np.float32)
    assert snr_db(clean, clean) == np.inf
    assert relative_rmse(clean, clean) == 0
    assert snr_db(clean, 0 * clean) == pytest.approx(0)
    assert relative_rmse(clean, 0 * clean) == pytest.approx(1)


def test_a_mixture_of_10_decibels_has_a_tenth_of_the_power():
    clean, noise = np.array([[2.0, -2.0]]), np.array([[7.0, 7.0]])
    np.testing.assert_allclose(mix(clean, noise, 10.0) - clean, 2 * 0.1**0.5)


# ---- ECG ----


@pytest.fixture(scope="module")
def record():
    pywt = pytest.importorskip("pywt")
    return pywt.data.ecg().astype(float)


def test_the_record_is_what_pywavelets_reads(record):
    digest = inspect.getsource(load_ecg_windows).split('"')[-2]
    ours = packaged_record("pywt", "data/ecg.npz", digest)
    np.testing.assert_array_equal(ours, record)


def test_windows_are_standardised_and_classes_even(record):
    X, y = load_ecg_windows(n=300)
    assert (X.shape, X.dtype, y.dtype) == ((300, 100), np.float32, np.int64)
    np.testing.assert_allclose(X.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(X.std(axis=1), 1, atol=1e-5)
    assert np.bincount(y[:240]).tolist() == [80] * 3
    assert np.bincount(y[240:]).tolist() == [20] * 3
    again = load_ecg_windows(n=300)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])


def test_peaks_are_the_three_beats(record):
    above = record - np.median(record)
    assert r_peaks(above) == [190, 518, 848]


def test_train_and_test_share_no_sample_of_the_record(record, monkeypatch):
    """Change the last 30 % of the record: no training window moves; and vice versa."""
    X, _ = load_ecg_windows(n=100)
    train = np.arange(100) < 80
    for part, kept in ((slice(716, None), train), (slice(0, 716), ~train)):
        other = record.copy()
        other[part] *= 1 + 0.3 * np.sin(np.arange(len(other[part])))
        monkeypatch.setattr(signals, "packaged_record", lambda *_, other=other: other)
        moved = np.any(load_ecg_windows(n=100)[0] != X, axis=1)
        np.testing.assert_array_equal(moved, ~kept)


def test_every_window_holds_a_beat_and_its_class_is_what_was_done(record):
    for part in (record[:716], record[716:]):
        labels = np.arange(300) % 3
        done = cut_beats(np.random.default_rng(5), part, labels)
        before = cut_beats(np.random.default_rng(5), part, np.zeros(300, dtype=int))
        middle = np.median(before, axis=1)
        assert np.all(before.max(axis=1) - middle > 200)  # the R peak, also in class 2
        assert np.all((before.argmax(axis=1) >= 15) & (before.argmax(axis=1) <= 84))
        highest, lowest = done.max(axis=1) - middle, done.min(axis=1) - middle
        np.testing.assert_array_equal(done[labels == 0], before[labels == 0])
        assert np.all(lowest[labels == 1] < -200)
        assert np.all(highest[labels == 1] < 120)
        assert np.all(highest[labels == 2] < 80), highest[labels == 2].max()
        assert np.all(lowest[labels == 2] > -80)
    beats = {tuple(row) for row in done}
    assert len(beats) > 100  # places vary


def test_a_missing_or_altered_package_is_told(monkeypatch):
    with pytest.raises(SystemExit, match="pip install PyWavelets"):
        packaged_record("no_such_package", "x", "")
    pytest.importorskip("pywt")
    with pytest.raises(SystemExit, match="not the file that was expected"):
        packaged_record("pywt", "data/ecg.npz", "0" * 64)


# ---- as text in a script ----


def test_the_text_runs_alone_and_gives_the_same_numbers(tmp_path):
    pytest.importorskip("pywt")
    functions = [
        function
        for _, function in inspect.getmembers(signals, inspect.isfunction)
        if function.__module__ == signals.__name__
    ]
    head = "import hashlib, importlib.util, io\nfrom pathlib import Path\n"
    calls = (
        'a, b = make_eeg(epochs=5)\nX, y = load_ecg_windows(20)\nnp.savez("o", a, X)'
    )
    text = "\n\n".join(map(inspect.getsource, functions))
    (tmp_path / "s.py").write_text(
        f"{head}import numpy as np\n{text}\n{calls}\n", encoding="utf-8"
    )
    subprocess.run([sys.executable, "-I", "s.py"], cwd=tmp_path, check=True, timeout=60)
    with np.load(tmp_path / "o.npz") as out:
        np.testing.assert_array_equal(out["arr_0"], make_eeg(epochs=5)[0])
        np.testing.assert_array_equal(out["arr_1"], load_ecg_windows(20)[0])
