"""The power law of a learning curve, against other solvers and against simulated truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import PoissonRegressor

from pellucid.errors import RunError, UsageError
from pellucid.evaluation.learning_curve import LearningCurve, LearningPoint, make_curve
from pellucid.evaluation.power_law import fit_power_law

SIZES = [50, 50, 100, 100, 200, 200, 400]


def simulate(rng: np.random.Generator, exponent: float, luck: float, images: int) -> np.ndarray:
    """Wrong answers (T, m): errors follow a power law with lucky and unlucky trainings; images
    are easy or hard for all of them."""
    errors = 0.5 * (np.array(SIZES) / 50) ** -exponent * np.exp(luck * rng.normal(size=len(SIZES)))
    ease = rng.beta(0.8, 0.8, images)
    hard = np.argsort(np.argsort(ease)) / images
    noise = rng.random((len(SIZES), images))
    # Half of the luck is the image's, half the training's own.
    return (hard[None] + noise) / 2 < np.sqrt(errors / 2)[:, None]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 1.0))
def test_the_curve_is_that_of_other_solvers(seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    wrong = rng.random((len(SIZES), 300)) < 0.5 * (np.array(SIZES)[:, None] / 50) ** -exponent
    law = fit_power_law(SIZES, wrong)
    logs, counts = np.log(SIZES), wrong.sum(1)

    def loss(beta: np.ndarray) -> float:
        expected = 300 * np.exp(beta[0] - beta[1] * (logs - 4))
        return float((expected - counts * np.log(expected)).sum())

    found = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    assert law.exponent == pytest.approx(found.x[1], abs=1e-4)
    assert law.intercept == pytest.approx(found.x[0] + 4 * found.x[1], abs=1e-3)
    theirs = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(-logs[:, None], counts)
    assert law.exponent == pytest.approx(theirs.coef_[0], abs=1e-3)


def test_the_covariance_is_the_sum_of_its_two_parts() -> None:
    wrong = simulate(np.random.default_rng(3), 0.5, 0.05, 400)
    law = fit_power_law(SIZES, wrong)
    trainings, images = wrong.shape
    bread, meat = np.zeros((2, 2)), np.zeros((2, 2))
    for size in SIZES:
        x = np.array([1.0, -np.log(size)])
        bread += images * law.error(size) * np.outer(x, x)
    for image in range(images):
        score = np.zeros(2)
        for training in range(trainings):
            x = np.array([1.0, -np.log(SIZES[training])])
            score += (wrong[training, image] - law.error(SIZES[training])) * x
        meat += np.outer(score, score)
    expected = np.array([images * law.error(size) for size in SIZES])
    scatter = ((wrong.sum(1) - expected) ** 2 / expected).sum() / (trainings - 2)
    inverse = np.linalg.inv(bread)
    assert np.allclose(law.covariance, inverse @ meat @ inverse + scatter * inverse, rtol=1e-6)


def test_the_images_part_is_that_of_a_bootstrap_over_images() -> None:
    rng = np.random.default_rng(5)
    wrong = simulate(rng, 0.5, 0.0, 500)
    law = fit_power_law(SIZES, wrong)
    draws = [fit_power_law(SIZES, wrong[:, rng.integers(0, 500, 500)]) for _ in range(300)]
    spread = np.std([np.log(draw.error(400)) for draw in draws])
    logs = np.array([1.0, -np.log(400)])
    both = np.sqrt(logs @ np.array(law.covariance) @ logs)
    assert spread < both < 2 * spread


@pytest.mark.parametrize("luck", [0.0, 0.15])
def test_the_interval_holds_the_truth_as_often_as_it_says(luck: float) -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(150):
        truth = 0.5 * (800 / 50) ** -0.4
        errors = 0.5 * (np.array(SIZES) / 50) ** -0.4 * np.exp(luck * rng.normal(size=len(SIZES)))
        shared = rng.random(300) < 0.5
        noise = np.where(shared, rng.random(300), rng.random((len(SIZES), 300)))
        low, high = fit_power_law(SIZES, noise < errors[:, None]).interval(800)
        held.append(low <= truth <= high)
    assert np.mean(held) >= 0.92


def test_a_curve_says_what_twice_the_images_would_give() -> None:
    rng = np.random.default_rng(1)
    wrong = rng.random((len(SIZES), 2000)) < 0.4 * (np.array(SIZES)[:, None] / 50) ** -0.5
    curve = make_curve(SIZES, wrong)
    about, least, most = curve.accuracy_at(800)
    assert curve.tells and least < 0.9 < most and abs(about - 0.9) < 0.02
    assert curve.sentence.startswith(f"Twice the images (800) would give about {about:.1%} (betw")
    record = curve.to_json()
    assert record["twice"] == {"images": 800, "accuracy": about, "interval": [least, most]}
    assert LearningCurve.from_json(record) == curve


def test_a_flat_curve_says_nothing_of_more_images() -> None:
    wrong = np.random.default_rng(2).random((len(SIZES), 200)) < 0.3
    curve = make_curve(SIZES, wrong)
    assert not curve.tells and curve.to_json()["twice"] is None
    assert curve.sentence.startswith("These trainings do not tell what more images would give")


def test_no_mistakes_say_nothing() -> None:
    curve = make_curve([10, 20, 40], np.zeros((3, 50), bool))
    assert curve.law is None and not curve.tells
    assert curve.points[-1] == LearningPoint(40, 50, 50)
    assert LearningCurve.from_json(curve.to_json()) == curve


@pytest.mark.parametrize(
    ("sizes", "wrong"), [([1, 2], np.ones((2, 9), bool)), ([5, 5, 5], np.ones((3, 9), bool))]
)
def test_too_few_trainings_are_refused(sizes: list[int], wrong: np.ndarray) -> None:
    with pytest.raises(UsageError, match="three trainings of at least two sizes"):
        fit_power_law(sizes, wrong)


def test_a_training_without_a_mistake_is_no_trouble() -> None:
    wrong = np.zeros((4, 200), bool)
    wrong[0, :40] = wrong[1, :12] = wrong[2, :3] = True
    law = fit_power_law([50, 100, 200, 400], wrong)
    assert 1 < law.exponent < 3 and law.error(400) < 0.01


@pytest.mark.parametrize("change", [{"points": []}, {"law": {"intercept": 1}}, {"points": [{}]}])
def test_a_damaged_record_is_refused(change: dict) -> None:
    record = make_curve([10, 20, 40], np.ones((3, 50), bool)).to_json()
    with pytest.raises(RunError, match="learning curve is damaged"):
        LearningCurve.from_json(record | change)
