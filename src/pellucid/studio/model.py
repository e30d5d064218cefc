"""The network that the studio was opened with, loaded when a room first wants it."""

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pellucid.service.model import Model


class Network:
    """A run or bundle.

    Args:
        path: of it.

    Attributes:
        path: of it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loading = asyncio.Lock()

    @cached_property
    def _model(self) -> "Model":
        from pellucid.service.model import load_model

        return load_model(self.path)

    async def model(self) -> "Model":
        """The network with its preprocessing and card; loaded once, for all.

        Raises:
            BundleError: the bundle cannot be used.
        """
        async with self._loading:
            return await asyncio.to_thread(lambda: self._model)
