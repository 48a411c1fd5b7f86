"""The measures of a training in words, and what is doubtful about them."""

from __future__ import annotations

from typing import Any

from gradtutor.messages import mark, tr
from gradtutor.train.report.labels import label_text

SHOWN = 10  # classes whose recall is said one by one


def measures_text(found: dict[str, Any]) -> str:
    """Say the measures in a few lines; an empty text when there are none."""
    return "\n".join(
        filter(None, (_signal(found), _line(found), label_text(found), _beside(found)))
    )


def _signal(found: dict[str, Any]) -> str:
    if "snr_after_db" not in found:
        return ""
    return (
        "SNR {snr_before_db:.1f} dB before, {snr_after_db:.1f} dB after; "
        "relative RMSE {relative_rmse_before:.3f} before, "
        "{relative_rmse_after:.3f} after"
    ).format(**found)


def _line(found: dict[str, Any]) -> str:
    if "closed_form_slope" not in found:
        return ""
    return (
        tr(
            "closed form: slope {closed_form_slope:.6f}, intercept "
            "{closed_form_intercept:.6f}; gradient descent: slope {slope:.6f}, "
            "intercept {intercept:.6f}"
        )
    ).format(**found)


def _beside(found: dict[str, Any]) -> str:
    """Say the baseline, and what each class or the mean comes to."""
    if "recall" in found:
        recall = list(found["recall"].items())
        lowest = sorted(recall, key=lambda one: one[1])
        few = recall if len(recall) <= SHOWN else lowest[:3]
        words = ", ".join(f"{name} {value:.3f}" for name, value in few)
        return tr(
            "baseline: always class {baseline_class} has accuracy "
            "{baseline_accuracy:.4f}\n"
            "recall{lowest}: {words}",
            baseline_class=found["baseline_class"],
            baseline_accuracy=found["baseline_accuracy"],
            lowest=tr(" (the lowest)") if len(few) < len(recall) else "",
            words=words,
        )
    if "baseline_loss" in found:
        return tr(
            "baseline: the frequencies of the tokens alone have a loss of "
            "{baseline_loss:.4f}",
            baseline_loss=found["baseline_loss"],
        )
    if "r2" in found:
        return tr(
            "R² {r2:.4f}: root mean square error {rmse:.4g}, of always "
            "answering the mean {baseline_rmse:.4g}",
            r2=found["r2"],
            rmse=found["rmse"],
            baseline_rmse=found["baseline_rmse"],
        )
    return ""


def doubts(found: dict[str, Any], accuracy: float | None) -> list[str]:
    """Return warnings of answers that are no better than the baseline's."""
    said = []
    if "recall" in found and accuracy is not None:
        if accuracy <= found["baseline_accuracy"] + 1e-6 and len(found["recall"]) > 1:
            said.append(
                tr(
                    "the network is no better than always answering class "
                    "{baseline_class}: {try_}",
                    baseline_class=found["baseline_class"],
                    try_=tr(TRY),
                )
            )
        else:
            never = [name for name, value in found["recall"].items() if value == 0]
            said += [
                tr("class {never} is never found", never=", ".join(never[:SHOWN]))
            ] * bool(never)
    if found.get("r2", 1) <= 0:
        said.append(
            tr(
                "the network is no better than always answering the mean: {try_}",
                try_=tr(TRY),
            )
        )
    return said


TRY = mark("try another --learning-rate, more --epochs, or --scale standard")
