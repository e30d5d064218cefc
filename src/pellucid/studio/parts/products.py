"""The arithmetic of one output: window × kernel = products, and their sum."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from pellucid.operators import Arithmetic, Term
from pellucid.operators.arithmetic.result import exact_sum
from pellucid.operators.kernels.exact import fraction
from pellucid.studio.parts import ESM, WEB

#: Rows and columns of a window that are drawn as a grid, at most.
MOST = 7


class Products(ui.element, component=WEB / "products.js", esm=ESM):
    """Three grids and a sum, for each channel; a kernel too large for grids: its largest terms."""

    def show(
        self, title: str, made: Arithmetic, shape: tuple[int, int], names: Sequence[str] = ("",)
    ) -> None:
        """Show one output.

        Args:
            title: which output it is.
            made: how it comes about.
            shape: (kh, kw) of the window.
            names: of the channels it reads, in order.
        """
        height, width = shape
        taps = height * width
        blocks = []
        if max(shape) <= MOST:
            for place, name in enumerate(names):
                terms = made.terms[place * taps : (place + 1) * taps]
                blocks.append({"name": name, "sum": brief(_sum(terms)), "cells": _cells(terms)})
        self.run_method(
            "show",
            {
                "title": title,
                "columns": width,
                "blocks": blocks,
                "rule": made.rule,
                "formula": made.formula,
                "total": brief(made.total),
                "exact": made.total,
            },
        )

    def tell(self, title: str, sentence: str) -> None:
        """Say something instead."""
        self.run_method("show", {"title": title, "blocks": [], "formula": sentence, "total": ""})


def _cells(terms: Sequence[Term]) -> list[dict[str, Any]]:
    return [
        {
            "value": brief(term.value),
            "weight": weight_text(term.weight),
            "product": brief(term.product),
            "role": term.role,
            "sign": (term.weight > 0) - (term.weight < 0),
        }
        for term in terms
    ]


def _sum(terms: Sequence[Term]) -> float:
    return exact_sum([term.product for term in terms])


def brief(value: float) -> str:
    """A number short enough for a cell, with a real minus.

    >>> brief(-2.0), brief(1 / 3), brief(1234.5678)
    ('−2', '0.333', '1235')
    """
    return f"{value:.{3 if abs(value) < 1000 else 4}g}".replace("-", "−")


def weight_text(weight: float) -> str:
    """A weight as the fraction that it stands for, or in a few digits.

    >>> weight_text(1 / 9), weight_text(-2.0), weight_text(2**0.5)
    ('1/9', '−2', '1.41')
    """
    found = fraction(weight)
    if found is not None and len(str(found)) <= 5:
        return str(found).replace("-", "−")
    return brief(weight)
