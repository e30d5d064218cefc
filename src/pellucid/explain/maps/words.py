"""Numbers in the sentences of results."""


def digits(value: float, most: int = 6) -> str:
    """A number in so many digits, with a real minus.

    >>> digits(-0.25), digits(10 / 3)
    ('−0.25', '3.33333')
    """
    return f"{value:.{most}g}".replace("-", "−", 1) if value < 0 else f"{value:.{most}g}"


def added(value: float, other: float, most: int = 6) -> str:
    """A sum of two numbers, as one writes it.

    >>> added(7.5, -0.25)
    '7.5 − 0.25'
    """
    sign = "−" if other < 0 else "+"
    return f"{digits(value, most)} {sign} {digits(abs(other), most)}"
