"""What the service does: decode, gather, predict, explain, reload. HTTP stays outside."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.errors import ImageError, PellucidError
from pellucid.service.batcher import Batcher, Row
from pellucid.service.explain import explain
from pellucid.service.gate import Gate
from pellucid.service.limits import Limits
from pellucid.service.meters import Meters
from pellucid.service.model import Model, load_model
from pellucid.service.problem import ProblemError, image_problem
from pellucid.service.uploads import Upload
from pellucid.threads import cores

if TYPE_CHECKING:
    from pellucid.explain.maps import ClassMap

Outcome = Row | ProblemError


@dataclass(frozen=True)
class Settings:
    """How a server works.

    Attributes:
        path: the run or bundle.
        limits: what it takes on.
        batch: images that the network sees at once, at most.
        window: seconds that the first image of a batch waits for those of other callers.
        token: needed by who asks; None lets everyone.
        origins: sites whose pages may ask (CORS).
        hosts: names by which the server may be called; empty allows all.
    """

    path: Path
    limits: Limits = field(default_factory=Limits)
    batch: int = 16
    window: float = 0.002
    token: str | None = None
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Engine:
    """A network at work for many callers; all methods are called on one event loop.

    Args:
        settings: how it works.
        model: in use at first.
        say: told in one sentence what has happened.
    """

    def __init__(self, settings: Settings, model: Model, say: Callable[[str], None]) -> None:
        self.settings, self.model, self.say = settings, model, say
        self.meters = Meters()
        self.meters.use(model.digest)
        self.gate = Gate(settings.limits)
        self.meters.queue.set_function(lambda: self.gate.images)
        self.ready = False
        self._batcher = Batcher(settings.batch, settings.window, self.meters.batch)
        self._decoders = ThreadPoolExecutor(cores(), "decode")
        self._aside = ThreadPoolExecutor(1, "aside")  # loads bundles and explains
        self._loading = asyncio.Lock()

    def start(self) -> None:
        """Take requests from now on."""
        self._batcher.start()
        self.ready = True

    def close(self) -> None:
        """Finish what is in hand and end all threads."""
        self.ready = False
        self._decoders.shutdown()
        self._aside.shutdown()
        self._batcher.close()

    async def predict(self, uploads: list[Upload]) -> tuple[Model, list[Outcome]]:
        """Probabilities of some images, in order; of one that is bad, its problem.

        Returns:
            The model that has answered all of them, whatever is loaded meanwhile, and for every
            image its probabilities (K,) or a problem.

        Raises:
            ProblemError: the queue is full.
        """
        model = self.model
        with self.gate.admit(len(uploads)):
            return model, await asyncio.gather(*(self._row(model, one) for one in uploads))

    async def explain(self, upload: Upload, target: str | None, against: str | None) -> "ClassMap":
        """A class map of one image.

        Raises:
            ProblemError: the image is bad, there is no such class, or the queue is full.
        """
        model, limits = self.model, self.settings.limits
        loop = asyncio.get_running_loop()
        with self.gate.admit(1):
            try:
                return await loop.run_in_executor(
                    self._aside, lambda: explain(model, upload, limits.pixels, target, against)
                )
            except ImageError as error:
                raise self._bad(error) from error
            except PellucidError as error:
                raise ProblemError("not-explained", str(error)) from error

    async def reload(self) -> str:
        """Load the bundle anew; requests in hand are answered by the old one.

        Returns:
            The new bundle's digest.

        Raises:
            ProblemError: ``damaged``: it cannot be used, and the old one goes on.
        """
        loop = asyncio.get_running_loop()
        async with self._loading:
            try:
                model = await loop.run_in_executor(self._aside, load_model, self.settings.path)
            except PellucidError as error:
                self.meters.reloads.labels("refused").inc()
                self.say(f"The bundle was not reloaded: {error}")
                raise ProblemError("damaged", str(error)) from error
            self.model = model
            self.meters.use(model.digest)
            self.meters.reloads.labels("ok").inc()
            self.say(f"Reloaded: bundle {model.digest[:12]}.")
            return model.digest

    async def _row(self, model: Model, upload: Upload) -> Outcome:
        loop = asyncio.get_running_loop()
        try:
            fitted = await loop.run_in_executor(
                self._decoders, model.fit, upload, self.settings.limits.pixels
            )
        except ImageError as error:
            return self._bad(error)
        row = await self._batcher.submit(model.predictor, fitted)
        self.meters.images.labels("ok").inc()
        return row

    def _bad(self, error: ImageError) -> ProblemError:
        self.meters.images.labels(error.fault).inc()
        return image_problem(error)
