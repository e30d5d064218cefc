"""A plan: what was tried on a machine, what was gained, and what predictions use from now on.

It lies beside the bundle's card: ``plan.json``, and the chosen graph in a file that is named by
its content. ``plan.json`` is written last and in one step, so that whatever happens the bundle is
as it was or has the new plan whole. A plan belongs to a machine and is no part of the bundle: an
exported bundle goes without.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pellucid._version import __version__
from pellucid.errors import BundleError
from pellucid.inference.bundle import WEIGHTS, Bundle
from pellucid.inference.plan.machine import Machine
from pellucid.inference.plan.setup import Setup
from pellucid.inference.plan.step import Step
from pellucid.inference.runtime import Runtime
from pellucid.storage import read_json, write_bytes, write_json

SCHEMA, PLAN = 1, "plan.json"


@dataclass(frozen=True)
class Plan:
    """What ``pellucid optimize`` found.

    Attributes:
        machine: where it was found.
        weights: SHA-256 of the weights that it is for.
        setup: the runtime chosen and its settings; None where the reference stays.
        precision: ``float32``, ``bfloat16`` or ``int8``.
        graph: name of the file with the chosen graph; None where the reference stays.
        gain: how many times as fast as the reference (torch, as trained), in alternated rounds.
        batch: images at once with which it is fastest.
        rates: images a second, by batch size.
        steps: all that was tried, in order.
        load: the machine's 1-minute load when it ended; None where that is not known.
        images: what answers were compared on.
    """

    machine: Machine
    weights: str
    setup: Setup | None
    precision: str
    graph: str | None
    gain: float
    batch: int
    rates: dict[int, float]
    steps: tuple[Step, ...] = field(default=())
    load: float | None = None
    images: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "schema": SCHEMA,
            "pellucid": __version__,
            **asdict(self),
            "rates": {str(size): rate for size, rate in self.rates.items()},
            "steps": [step.to_json() for step in self.steps],
        }

    @classmethod
    def from_json(cls, record: dict[str, Any], where: str) -> "Plan":
        """The inverse of :meth:`to_json`.

        Raises:
            BundleError: it is damaged, or of an unknown schema.
        """
        if record.get("schema") != SCHEMA:
            raise BundleError(
                f"{where} has schema {record.get('schema')!r}, this version of Pellucid reads "
                f"{SCHEMA}: run `pellucid optimize` again."
            )
        try:
            return cls(
                machine=Machine(**record["machine"]),
                weights=str(record["weights"]),
                setup=None if record["setup"] is None else Setup.from_json(record["setup"]),
                precision=str(record["precision"]),
                graph=None if record["graph"] is None else str(record["graph"]),
                gain=float(record["gain"]),
                batch=int(record["batch"]),
                rates={int(size): float(rate) for size, rate in record["rates"].items()},
                steps=tuple(Step.from_json(step) for step in record["steps"]),
                load=record["load"],
                images=str(record["images"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(
                f"{where} is damaged ({error!r}): run `pellucid optimize` again."
            ) from error


def save_plan(folder: Path, plan: Plan, graph: bytes | None) -> Plan:
    """Write a plan into a bundle's folder; graphs of earlier plans are removed afterwards.

    Returns:
        The plan with the name of its graph.

    Raises:
        StorageError: it cannot be written; the bundle is as it was.
    """
    name = None
    if graph is not None:
        name = f"plan-{hashlib.sha256(graph).hexdigest()}.onnx"
        write_bytes(folder / name, graph)
    plan = Plan(**{**vars(plan), "graph": name})
    write_json(folder / PLAN, plan.to_json())
    for old in folder.glob("plan-*.onnx"):
        if old.name != name:
            old.unlink(missing_ok=True)
    return plan


def read_plan(bundle: Bundle) -> Plan | None:
    """The plan beside a bundle's card; None where there is none.

    Raises:
        BundleError: it is damaged, or of an unknown schema.
    """
    path = bundle.path / PLAN
    return Plan.from_json(read_json(path, BundleError), str(path)) if path.is_file() else None


def objection(plan: Plan, bundle: Bundle) -> str | None:
    """Why a plan cannot be used here, in words; None where it can."""
    if plan.weights != bundle.parts[WEIGHTS].sha256:
        return "it is for other weights than the bundle's"
    differences = plan.machine.differences(Machine.here())
    return f"it was made on another machine ({'; '.join(differences)})" if differences else None


def planned_runtime(plan: Plan, bundle: Bundle) -> Runtime | None:
    """The runtime that a plan chose, loaded; None where the reference stays.

    Raises:
        BundleError: its graph is missing or damaged, or the runtime cannot take it.
    """
    if plan.setup is None or plan.graph is None:
        return None
    path = bundle.path / plan.graph
    try:
        content = path.read_bytes() if path.parent == bundle.path else b""
    except OSError as error:
        raise BundleError(
            f"cannot read {path}, the plan's graph: {error.strerror}; run `pellucid optimize` "
            "again."
        ) from error
    if plan.graph != f"plan-{hashlib.sha256(content).hexdigest()}.onnx":
        raise BundleError(f"{path} is damaged: run `pellucid optimize` again.")
    return plan.setup.start(content)
