"""What is done with a sum: total = g(Σ w·x + b), by a function g with a name.

Activations and the like, in float64, of one number or of an array.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from pellucid.errors import unknown_name


@dataclass(frozen=True, slots=True)
class Finish:
    """A function g of a sum s.

    ================  ==============================================================
    name              g(s), and its parameters
    ================  ==============================================================
    ReLU              max(0, s) (Krizhevsky, Sutskever and Hinton 2012, section 3.1)
    round             the nearest whole number, halves to even
    clip              s within (low, high); ReLU6 is from 0 to 6
    leaky ReLU        s; slope·s below 0 (slope); also PReLU
    ELU               c·s; c·α·(eˢ − 1) below 0 (α, c); SELU is one (Klambauer 2017)
    CELU              s; α·(e^(s/α) − 1) below 0 (α) (Barron 2017)
    GELU              s·Φ(s), Φ of the normal distribution (Hendrycks and Gimpel 2016)
    GELU (tanh)       s/2·(1 + tanh(√(2/π)·(s + 0.044715·s³))) (likewise)
    sigmoid, tanh     1 / (1 + e^−s); (eˢ − e^−s) / (eˢ + e^−s)
    SiLU              s·sigmoid(s), also called swish
    Mish              s·tanh(ln(1 + eˢ)) (Misra 2019)
    hard sigmoid      s + 3 within (0, 6), divided by 6 (Howard et al. 2019, section 5.2)
    hard swish        s·hard sigmoid(s) (likewise)
    softplus          ln(1 + e^(β·s)) / β; s where β·s is above a threshold (β, threshold)
    power             c·s^e (e, c)
    exponential       bˢ (b)
    threshold         s; another number unless above a threshold (threshold, number)
    hard shrink       s; 0 from −λ to λ (λ)
    soft shrink       s less what of it lies from −λ to λ (λ)
    tanh shrink       s − tanh(s)
    > 0, ≥ 0, < 0, …  1 where it is so, else 0
    exp, ln, −ln, −, abs, √, sin, cos, softsign, log sigmoid
    ================  ==============================================================

    Attributes:
        name: one of these.
        parameters: as the table has them.

    Raises:
        UsageError: an unknown name.

    >>> Finish("ReLU")(-2.0), Finish("leaky ReLU", (0.1,)).written("3 - 5")
    (0.0, 'leaky ReLU(3 - 5; 0.1 below 0)')
    """

    name: str
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in _FUNCTIONS:
            raise unknown_name("function of a sum", self.name, _FUNCTIONS)

    def __call__(self, value: float) -> float:
        """g of one number."""
        return float(self.of(value))

    def of(self, values: Any) -> Any:
        """g of an array, in float64; infinite or NaN as floating-point arithmetic has it."""
        with np.errstate(all="ignore"):
            return _FUNCTIONS[self.name][1](np.asarray(values, np.float64), *self.parameters)

    def written(self, added: str) -> str:
        """g with the sum, as text, put in."""
        return _FUNCTIONS[self.name][0].format(added, *self.parameters)


def _clip(s: Any, low: float, high: float) -> Any:
    return np.clip(s, low, high)


def _leaky(s: Any, slope: Any) -> Any:
    return np.where(s > 0, s, slope * s)


def _elu(s: Any, alpha: float, scale: float) -> Any:
    return scale * np.where(s > 0, s, alpha * np.expm1(np.minimum(s, 0.0)))


def _celu(s: Any, alpha: float) -> Any:
    return np.where(s > 0, s, alpha * np.expm1(np.minimum(s, 0.0) / alpha))


def _gelu(s: Any) -> Any:
    from scipy.special import ndtr

    return s * ndtr(s)


def _gelu_by_tanh(s: Any) -> Any:
    return 0.5 * s * (1.0 + np.tanh(sqrt(2.0 / pi) * (s + 0.044715 * s**3)))


def _sigmoid(s: Any) -> Any:
    small = np.exp(-np.abs(s))  # does not overflow
    return np.where(s >= 0, 1.0, small) / (1.0 + small)


def _hardsigmoid(s: Any) -> Any:
    return np.clip(s + 3.0, 0.0, 6.0) / 6.0


def _softplus(s: Any, beta: float, threshold: float) -> Any:
    return np.where(beta * s > threshold, s, np.logaddexp(0.0, beta * s) / beta)


def _power(s: Any, exponent: float, times: float) -> Any:
    return times * np.power(s, exponent)


#: How a function is written around the sum {0}, and what it computes.
_FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "ReLU": ("max(0, {0})", lambda s: np.maximum(s, 0.0)),
    "round": ("round({0})", np.rint),
    "clip": ("clip({0}; {1:g} to {2:g})", _clip),
    "leaky ReLU": ("leaky ReLU({0}; {1:g} below 0)", _leaky),
    "ELU": ("{2:g}·ELU({0}; {1:g})", _elu),
    "CELU": ("CELU({0}; {1:g})", _celu),
    "GELU": ("GELU({0})", _gelu),
    "GELU (tanh)": ("GELU({0})", _gelu_by_tanh),
    "sigmoid": ("1 / (1 + exp(-({0})))", _sigmoid),
    "tanh": ("tanh({0})", np.tanh),
    "SiLU": ("SiLU({0})", lambda s: s * _sigmoid(s)),
    "Mish": ("Mish({0})", lambda s: s * np.tanh(np.logaddexp(0.0, s))),
    "hard sigmoid": ("clip({0} + 3; 0 to 6) / 6", _hardsigmoid),
    "hard swish": ("hardswish({0})", lambda s: s * _hardsigmoid(s)),
    "softplus": ("softplus({0}; β {1:g})", _softplus),
    "power": ("{2:.6g}·({0})^({1:.6g})", _power),
    "exponential": ("{1:.6g}^({0})", lambda s, base: np.power(base, s)),
    "threshold": (
        "{0} if above {1:g} else {2:g}",
        lambda s, least, other: np.where(s > least, s, other),
    ),
    "hard shrink": ("hard shrink({0}; {1:g})", lambda s, by: np.where(np.abs(s) > by, s, 0.0)),
    "soft shrink": ("soft shrink({0}; {1:g})", lambda s, by: s - np.clip(s, -by, by)),
    "tanh shrink": ("{0} − tanh({0})", lambda s: s - np.tanh(s)),
    "> 0": ("({0}) > 0", lambda s: 1.0 * (s > 0)),
    "≥ 0": ("({0}) ≥ 0", lambda s: 1.0 * (s >= 0)),
    "< 0": ("({0}) < 0", lambda s: 1.0 * (s < 0)),
    "≤ 0": ("({0}) ≤ 0", lambda s: 1.0 * (s <= 0)),
    "= 0": ("({0}) = 0", lambda s: 1.0 * (s == 0)),
    "≠ 0": ("({0}) ≠ 0", lambda s: 1.0 * (s != 0)),
    "exp": ("exp({0})", np.exp),
    "ln": ("ln({0})", np.log),
    "−ln": ("−ln({0})", lambda s: -np.log(s)),
    "−": ("−({0})", np.negative),
    "abs": ("|{0}|", np.abs),
    "√": ("√({0})", np.sqrt),
    "sin": ("sin({0})", np.sin),
    "cos": ("cos({0})", np.cos),
    "softsign": ("softsign({0})", lambda s: s / (1.0 + np.abs(s))),
    "log sigmoid": ("ln(sigmoid({0}))", lambda s: -np.logaddexp(0.0, -s)),
}
