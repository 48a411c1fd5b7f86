"""Optimisers and schedules: the printed text against optax and closed formulas."""

from __future__ import annotations

import copy
import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from networks import BLOB_DATA, NETWORKS, printed_optimiser

from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.backends import optimiser_text
from gradtutor.codegen.optimisers.plan import plan_of
from gradtutor.language import parse_network
from gradtutor.optimisers import OPTIMISERS

jax.config.update("jax_enable_x64", True)

STEPS, SIZE, RATE = 50, 17, 0.03


def gradients():
    rng = np.random.default_rng(11)
    scale = 10.0 ** rng.integers(-3, 3, SIZE)  # coordinates of very different sizes
    return rng.normal(size=(STEPS, SIZE)) * scale


def start():
    return np.random.default_rng(2).normal(size=SIZE)


def ours(name, backend="numpy", **constants):
    theta = start()
    optimiser = printed_optimiser(name, backend, **constants)(theta, RATE)
    for gradient in gradients():
        optimiser.step(theta, gradient.copy())
    return theta


def by_optax(transform):
    theta = jnp.asarray(start())
    state = transform.init(theta)
    for gradient in gradients():
        change, state = transform.update(jnp.asarray(gradient), state, theta)
        theta = optax.apply_updates(theta, change)
    return theta


def adagrad(epsilon):
    """Write AdaGrad as PyTorch documents it; optax has epsilon inside the root."""
    theta, total = start(), np.zeros(SIZE)
    for gradient in gradients():
        total = total + gradient**2
        theta = theta - RATE * gradient / (np.sqrt(total) + epsilon)
    return theta


def l2(strength, transform):
    return optax.chain(optax.add_decayed_weights(strength), transform)


RMS = {"eps_in_sqrt": False}
WITNESSES = [
    ("gd", {}, lambda: optax.sgd(RATE)),
    ("sgd", {}, lambda: optax.sgd(RATE)),
    ("momentum", {}, lambda: optax.sgd(RATE, 0.9)),
    ("momentum", {"momentum": 0.5}, lambda: optax.sgd(RATE, 0.5)),
    ("nesterov", {}, lambda: optax.sgd(RATE, 0.9, nesterov=True)),
    ("nesterov", {"momentum": 0.7}, lambda: optax.sgd(RATE, 0.7, nesterov=True)),
    ("rmsprop", {}, lambda: optax.rmsprop(RATE, 0.99, 1e-8, **RMS)),
    (
        "rmsprop",
        {"decay": 0.9, "epsilon": 1e-3},
        lambda: optax.rmsprop(RATE, 0.9, 1e-3, **RMS),
    ),
    ("adam", {}, lambda: optax.adam(RATE)),
    (
        "adam",
        {"beta1": 0.0, "beta2": 0.9, "epsilon": 1e-4},
        lambda: optax.adam(RATE, 0.0, 0.9, 1e-4),
    ),
    ("adam", {"beta2": 0.95}, lambda: optax.adam(RATE, 0.9, 0.95)),
    ("adadelta", {}, lambda: optax.adadelta(RATE, 0.9, 1e-6)),
    (
        "adadelta",
        {"decay": 0.95, "epsilon": 1e-7},
        lambda: optax.adadelta(RATE, 0.95, 1e-7),
    ),
    ("adamw", {}, lambda: optax.adamw(RATE, weight_decay=0.01)),
    (
        "adamw",
        {"weight_decay": 0.3, "beta1": 0.8},
        lambda: optax.adamw(RATE, 0.8, weight_decay=0.3),
    ),
    ("adamw", {"weight_decay": 0.0}, lambda: optax.adam(RATE)),
    ("adadelta", {"weight_decay": 0.1}, lambda: l2(0.1, optax.adadelta(RATE))),
    ("lion", {}, lambda: optax.lion(RATE, weight_decay=0.0)),
    (
        "lion",
        {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.3},
        lambda: optax.lion(RATE, 0.8, 0.95, weight_decay=0.3),
    ),
    ("lion", {"beta1": 0.0}, lambda: optax.lion(RATE, 0.0, weight_decay=0.0)),
    ("sgd", {"weight_decay": 0.1}, lambda: l2(0.1, optax.sgd(RATE))),
    ("momentum", {"weight_decay": 0.1}, lambda: l2(0.1, optax.sgd(RATE, 0.9))),
    (
        "nesterov",
        {"weight_decay": 0.1, "momentum": 0.8},
        lambda: l2(0.1, optax.sgd(RATE, 0.8, nesterov=True)),
    ),
    ("adam", {"weight_decay": 0.1}, lambda: l2(0.1, optax.adam(RATE))),
    (
        "rmsprop",
        {"weight_decay": 0.1},
        lambda: l2(0.1, optax.rmsprop(RATE, 0.99, 1e-8, **RMS)),
    ),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("name", "constants", "witness"), WITNESSES)
def test_fifty_steps_agree_with_optax(name, constants, witness):
    np.testing.assert_allclose(
        ours(name, **constants), by_optax(witness()), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize(("name", "constants", "_"), WITNESSES)
def test_the_loop_that_numba_compiles_is_the_same_step(name, constants, _):
    np.testing.assert_allclose(
        ours(name, "numba", **constants), ours(name, **constants), rtol=1e-12
    )


@pytest.mark.parametrize("name", OPTIMISERS)
def test_an_entry_says_all_that_its_formulas_read(name):
    entry = OPTIMISERS[name]
    assigned = [line.split(" = ")[0] for line in entry.update]
    assert set(entry.state) <= set(assigned)
    assert assigned.count("theta") == 1 + (name == "adamw")
    plan = plan_of(entry)
    read = {str(one) for _, value in plan.numbers for one in value.free_symbols}
    read |= {str(one) for part in plan.passes for one in part.value.symbols()}
    named = {str(name) for name, _ in plan.numbers}
    assert read <= {*entry.constants, "learning_rate", "t"} | named
    assert set(entry.constants) <= read


def test_adam_is_ten_passes_over_the_parameters():
    settings = Settings(optimiser="adam")
    step = optimiser_text(settings).split("def step")[1].split("def state")[0]
    marks = ("out=work", " *= ", " += ", " -= ")
    lines = [line for line in step.splitlines() if any(m in line for m in marks)]
    assert len(lines) - 1 == 9  # the step's number is counted, too
    assert sum("+= np.square" in line for line in lines) == 1  # two passes


@pytest.mark.parametrize("epsilon", [1e-10, 1e-2])
def test_fifty_steps_of_adagrad_agree_with_its_formula(epsilon):
    np.testing.assert_allclose(
        ours("adagrad", epsilon=epsilon), adagrad(epsilon), rtol=1e-12
    )


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_restored_optimiser_goes_on_to_the_bit(name):
    every = gradients()
    whole, theta = start(), start()
    kind = printed_optimiser(name, weight_decay=0.01)
    at_once, first, second = (kind(x, RATE) for x in (whole, theta, theta))
    for gradient in every:
        at_once.step(whole, gradient.copy())
    for gradient in every[:20]:
        first.step(theta, gradient.copy())
    second.restore(copy.deepcopy(first.state()))
    for gradient in every[20:]:
        second.step(theta, gradient.copy())
    assert theta.tobytes() == whole.tobytes()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_finds_the_bottom_of_a_bowl(name):
    theta = start()
    rate = {"adagrad": 0.5, "adadelta": 2.0}.get(name, RATE)
    optimiser = printed_optimiser(name)(theta, rate)
    for _ in range(500):
        optimiser.step(theta, 2 * theta)
    assert np.abs(theta).max() < 0.05


# ---- schedules ----


def schedule(kind, **constants):
    """Return ``scheduled_rate`` as a script has it."""
    text, data = NETWORKS["relu-crossentropy-adam"]
    settings = Settings(schedule=kind, schedule_settings=constants)
    script = training_script(parse_network(text, 4, data.classes), BLOB_DATA, settings)
    space = {"__name__": "script", "__file__": "script.py"}
    exec(script, space)
    return space["scheduled_rate"]


EPOCHS = range(1, 21)


def test_a_step_schedule_is_that_of_pytorch():
    usual, own = schedule("step"), schedule("step", step_size=3, gamma=0.5)
    for epoch in EPOCHS:
        done = epoch - 1  # PyTorch counts the epochs that are done
        assert usual(2.0, epoch, 20) == pytest.approx(2 * 0.1 ** (done // 10))
        assert own(2.0, epoch, 20) == pytest.approx(2 * 0.5 ** (done // 3))


def test_a_cosine_schedule_is_that_of_optax():
    rate, witness = schedule("cosine"), optax.cosine_decay_schedule(2.0, 20)
    for epoch in EPOCHS:
        assert rate(2.0, epoch, 20) == pytest.approx(float(witness(epoch - 1)))
    assert rate(2.0, 1, 20) == 2
    assert rate(2.0, 11, 20) == pytest.approx(1)


def test_a_warm_up_is_a_ramp():
    usual, own = schedule("warmup"), schedule("warmup", epochs=4)
    assert [own(1.0, epoch, 20) for epoch in (1, 2, 3, 4, 5)] == [0.25, 0.5, 0.75, 1, 1]
    assert [usual(1.0, epoch, 20) for epoch in (1, 5, 20)] == [0.2, 1, 1]


# ---- what the constants may be ----

BAD = [
    ({"learning_rate": 0}, "learning rate"),
    ({"learning_rate": -1.0}, "learning rate"),
    ({"learning_rate": "fast"}, "learning rate"),
    ({"learning_rate": math.nan}, "learning rate"),
    ({"optimiser_settings": {"momentum": 1.0}}, "momentum"),
    ({"optimiser_settings": {"momentum": True}}, "momentum"),
    ({"optimiser_settings": {"beta2": 1}}, "beta2"),
    ({"optimiser_settings": {"weight_decay": -0.1}}, "weight_decay"),
    ({"optimiser_settings": {"epsilon": "small"}}, "epsilon"),
    ({"schedule_settings": {"step_size": 0}}, "step_size"),
    ({"schedule_settings": {"epochs": 2.5}}, "epochs"),
    ({"schedule_settings": {"gamma": -1}}, "gamma"),
]


@pytest.mark.parametrize(("settings", "word"), BAD)
def test_an_unusable_constant_is_refused_by_name(settings, word):
    with pytest.raises(ValueError, match=word):
        optimiser_text(Settings(**settings))
