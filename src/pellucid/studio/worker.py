"""Work in threads, the newest question first: whatever is overtaken is dropped."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import background_tasks
from nicegui.client import Client

from pellucid.errors import PellucidError

T = TypeVar("T")
Question = tuple[Callable[[], Any], Callable[[Any], None]]


class Worker:
    """Answers one question after another; of those that wait, only the last.

    Args:
        client: the page that shows the answers.
        say: told the sentence of an error.
    """

    def __init__(self, client: Client, say: Callable[[str], None]) -> None:
        self._client, self._say = client, say
        self._next: Question | None = None
        self._busy = False

    def ask(self, work: Callable[[], T], show: Callable[[T], None]) -> None:
        """Do something in a thread, then show its result on the page.

        Args:
            work: called in a thread, unless a newer question comes before its turn.
            show: called with the result, unless a newer question has come meanwhile.
        """
        self._next = (work, show)
        if not self._busy:
            self._busy = True
            background_tasks.create(self._run(), name="studio worker")

    async def _run(self) -> None:
        try:
            while self._next is not None and not self._client.is_deleted:
                (work, show), self._next = self._next, None
                try:
                    result = await asyncio.to_thread(work)
                    if self._next is None and not self._client.is_deleted:
                        with self._client:
                            show(result)
                except PellucidError as error:
                    if not self._client.is_deleted:
                        self._say(str(error))
        finally:
            self._busy = False
