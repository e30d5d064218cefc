"""Kernels typed by hand or named in one text, and weights as fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import UsageError
from pellucid.operators.kernels import kernel, read_kernel
from pellucid.operators.kernels.exact import common_factor, fraction


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("0 -1 0; -1 5 -1; 0 -1 0", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        ("0,-1,0\n-1,5,-1\n0,-1,0\n", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        (" 1/9, 1/3 ,1/9 ", [[1 / 9, 1 / 3, 1 / 9]]),
        ("1;\n", [[1]]),
        (".5 +1e-1 -2.5/4", [[0.5, 0.1, -0.625]]),
    ],
)
def test_typed_by_hand(text, weights):
    assert read_kernel(text).weights.tolist() == weights


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sharpen", kernel("sharpen")),
        ("gaussian:2", kernel("gaussian", 2)),
        ("gaussian:sigma=2,size=9", kernel("gaussian", sigma=2, size=9)),
        ("gaussian: 2 , size = 9 ", kernel("gaussian", 2, 9)),
        ("shift:-2,3", kernel("shift", -2, 3)),
        ("sharpen:1/3", kernel("sharpen", 1 / 3)),
        ("Gabor:4,angle=45", kernel("gabor", 4, 45)),
        ("box:", kernel("box")),
    ],
)
def test_named_with_parameters(text, same):
    assert np.array_equal(read_kernel(text).weights, same.weights)
    assert read_kernel(text).name == same.name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "row 1 of the kernel is empty"),
        ("  ", "row 1 of the kernel is empty"),
        ("1 2;;3 4", "row 2 of the kernel is empty"),
        ("1 2; 3", "expected 2 numbers in every row of the kernel, as in row 1; row 2 has 1"),
        ("1 2; 3 x", "row 2 of the kernel, found 'x'"),
        ("a b; c d", "row 1 of the kernel, found 'a'"),
        ("1/0", "row 1 of the kernel, found '1/0'"),
        ("1 nan", "found 'nan'"),
        ("1 1e999", "found '1e999'"),
        ("1/2/3", "found '1/2/3'"),
        ("gaussain:2", "did you mean 'gaussian'"),
        ("gaussian:2,sigma=3", "'sigma' of kernel 'gaussian' is given twice"),
        ("gaussian:sigma=3,sigma=4", "is given twice"),
        ("gaussian:sigma=3,9", "'9' without a name follows"),
        ("gaussian:sigma=", "parameters of kernel 'gaussian', found ''"),
        ("gaussian:sigma=two", "found 'two'"),
        ("gaussian:size=8", "size of gaussian as an odd whole number from 1 to 1001, found 8"),
        (";".join(["1"] * 1002), r"expected a kernel of 1 to 1001 rows and columns, found shape"),
    ],
)
def test_what_is_no_kernel_is_named(text, words):
    with pytest.raises(UsageError, match=words):
        read_kernel(text)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_kernel_or_a_sentence(text):
    try:
        read_kernel(text)
    except UsageError as error:
        assert str(error).endswith(".")


@settings(max_examples=50, deadline=None)
@given(st.integers(-900, 900), st.integers(1, 900))
def test_fractions_are_recognised(above, below):
    assert fraction(above / below) == Fraction(above, below)


def test_a_common_factor():
    factor, whole = common_factor(kernel("box", 3).weights)
    assert (factor, whole.tolist()) == (Fraction(1, 9), [[1, 1, 1]] * 3)
    factor, whole = common_factor(np.array([[-4.0, 0.0, 4.0]]))
    assert (factor, whole.tolist()) == (Fraction(4), [[-1, 0, 1]])
    assert common_factor(kernel("gaussian").weights) is None
    assert common_factor(np.zeros((2, 2))) is None
    assert common_factor(np.array([[1 / 997, 1 / 991]])) is None
