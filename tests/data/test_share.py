"""Shares of workers divide everything, exactly."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.augmentation import Augmentation
from pellucid.data.share import Share, enough_for_all
from pellucid.errors import UsageError


@given(total=st.integers(0, 1000), size=st.integers(1, 130))
def test_every_item_is_in_one_share(total: int, size: int) -> None:
    shares = [Share.of(total, rank, size) for rank in range(size)]
    items = [item for share in shares for item in range(total)[share.slice]]
    assert items == list(range(total))
    lengths = {len(share) for share in shares}
    assert max(lengths) - min(lengths) <= 1


@given(rows=st.integers(1, 12), size=st.integers(1, 5), seed=st.integers(0, 50))
def test_variations_do_not_depend_on_the_number_of_workers(rows: int, size: int, seed: int) -> None:
    strong = Augmentation(True, 0.2, 0.3, 0.3, 12, 0.1, 0.2, 0.06, 0.3)
    images = torch.randint(0, 256, (rows, 6, 7, 3), dtype=torch.uint8)
    whole = strong(images, torch.Generator().manual_seed(seed))
    parts = []
    for rank in range(size):
        share = Share.of(rows, rank, size)
        if len(share):
            generator = torch.Generator().manual_seed(seed)
            parts.append(strong(images[share.slice], generator, share))
    assert torch.allclose(torch.cat(parts), whole, atol=1e-3)


def test_too_many_workers_are_refused() -> None:
    enough_for_all(4, 4)
    with pytest.raises(UsageError, match="at most 4 workers"):
        enough_for_all(4, 5)
