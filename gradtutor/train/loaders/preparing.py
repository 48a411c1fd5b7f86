"""What fills and scales columns, learned from the training examples alone."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import numpy as np


def learn(values, key, fill, scale):
    """Learn from training examples what fills and scales each column.

    Parameters
    ----------
    values : ndarray, (rows, columns)
        May hold nan where a number is missing.
    key : str
        ``X`` or ``y``: the start of the names.
    fill : str
        ``mean``, ``median`` or a number, for what is missing; or nothing.
    scale : str
        ``standard`` for mean 0 and standard deviation 1; or nothing.

    Returns
    -------
    dict
        Arrays (columns,): fill, mean and deviation, as far as they are asked for.
    """
    learned = {}
    values = values.reshape(len(values), -1).astype(np.float64)
    if fill:
        known = np.where(np.isnan(values).all(axis=0), 0, values)  # 0 where none is
        usual = {"mean": np.nanmean, "median": np.nanmedian}.get(fill)
        filling = usual(known, axis=0) if usual else np.full(known.shape[1], fill)
        learned[f"{key}_fill"] = filling.astype(np.float32)
        values = np.where(np.isnan(values), filling.astype(np.float64), values)
    if scale:
        deviation = values.std(axis=0)
        learned[f"{key}_mean"] = values.mean(axis=0).astype(np.float32)
        learned[f"{key}_deviation"] = np.where(deviation > 0, deviation, 1).astype(
            np.float32
        )
    return learned


def prepared(values, key, learned):
    """Fill and scale columns as it was learned."""
    if f"{key}_fill" in learned:
        values = np.where(np.isnan(values), learned[f"{key}_fill"], values)
    if f"{key}_mean" in learned:
        values = (values - learned[f"{key}_mean"]) / learned[f"{key}_deviation"]
    return values


def in_own_units(values, key, learned):
    """Undo the scaling: return scaled values in the units of the data."""
    if f"{key}_mean" not in learned:
        return values
    return values * learned[f"{key}_deviation"] + learned[f"{key}_mean"]
