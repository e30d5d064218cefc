"""Temperature scaling against SciPy's minimiser, and folded into a network."""

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torch import nn

from pellucid.models import Compact
from pellucid.training.outcome.calibration import divide_scores, fit_temperature


def test_it_is_the_minimum_that_scipy_finds() -> None:
    rng = np.random.default_rng(0)
    for sharpness in (0.5, 1.0, 2.5):
        scores = rng.normal(size=(500, 5))
        chances = np.exp(log_softmax(sharpness * scores, axis=1))
        labels = np.array([rng.choice(5, p=row) for row in chances])

        def loss(temperature: float) -> float:
            rows = log_softmax(scores / temperature, axis=1)  # noqa: B023
            return -float(rows[np.arange(500), labels].mean())  # noqa: B023

        expected = minimize_scalar(loss, bounds=(0.2, 5), method="bounded").x
        assert np.isclose(fit_temperature(scores, labels), expected, rtol=0.02)


def test_few_images_say_nothing() -> None:
    assert fit_temperature(np.ones((49, 2)), np.zeros(49, int)) == 1.0


def test_scores_of_the_network_are_divided() -> None:
    torch.manual_seed(0)
    network = Compact(classes=3, channels=1, widths=[4]).eval()
    nn.init.normal_(network.head.maps.weight)
    nn.init.normal_(network.head.maps.bias)  # type: ignore[arg-type]
    image = torch.randn(2, 1, 12, 12)
    before = network(image)
    divide_scores(network, 0.7)
    assert torch.allclose(network(image), before / 0.7, rtol=1e-5, atol=1e-6)
