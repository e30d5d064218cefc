"""What the service counts of itself, as Prometheus reads it."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_IMAGES = (1, 2, 4, 8, 16, 32, 64, 128)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meters:
    """Counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began doubles the page and says little
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        mine = self._registry
        self.requests = Counter(
            "pellucid_requests", "Requests answered.", ["path", "method", "status"], registry=mine
        )
        self.request_seconds = Histogram(
            "pellucid_request_seconds",
            "From a request to its answer.",
            ["path"],
            buckets=_SECONDS,
            registry=mine,
        )
        self.images = Counter(
            "pellucid_images",
            "Images by outcome: ok, or the kind of problem.",
            ["outcome"],
            registry=mine,
        )
        self.batch_images = Histogram(
            "pellucid_batch_images",
            "Images that went through the network at once.",
            buckets=_IMAGES,
            registry=mine,
        )
        self.batch_seconds = Histogram(
            "pellucid_batch_seconds",
            "Time of the network for a batch.",
            buckets=_SECONDS,
            registry=mine,
        )
        self.queue = Gauge("pellucid_queue_images", "Images in hand.", registry=mine)
        self.errors = Counter("pellucid_errors", "Failures of the service itself.", registry=mine)
        self.reloads = Counter(
            "pellucid_reloads", "Reloads by outcome.", ["outcome"], registry=mine
        )
        self.model = Gauge(
            "pellucid_model_info", "1 for the bundle in use.", ["digest"], registry=mine
        )

    def batch(self, images: int, seconds: float) -> None:
        """A batch has gone through the network."""
        self.batch_images.observe(images)
        self.batch_seconds.observe(seconds)

    def use(self, digest: str) -> None:
        """This bundle is in use from now on."""
        self.model.clear()
        self.model.labels(digest).set(1)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
