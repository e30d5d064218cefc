"""Scores a second of ours and of the runtimes as their users run them; network only, float32.

    python benchmarks/inference.py [--networks googlenet compact efficientnet_lite0] [--batch 1 16]
        [--rounds 15] [--compile] [--out benchmarks/results/…md]

All take turns in this process, in another order every round: medians, and ratios within a round.
Random weights: time does not depend on them. The peers:

- torch eager: the network as loaded. torch channels-last: filters and input laid out so.
- torch.compile (with --compile; needs a C++ compiler): its set-up is shown.
- onnxruntime, OpenVINO: ``torch.onnx.export`` → session or ``compile_model`` with defaults.
  OpenVINO's default is bfloat16 where the processor can: it is shown, and beside it OpenVINO with
  float32 forced, which is the peer to compare with.

Ours: what ``pellucid optimize`` chooses in float32 from the same material; beside it that graph in
int8 by each runtime, and in bfloat16 by OpenVINO, which ``optimize`` takes if accuracy allows.
int8 is calibrated on noise here: time is that of any int8, accuracy needs real images
(``optimize`` has the figures). Answers of every way are compared with torch eager's.
"""

import argparse
import copy
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.onnx.network import network_model
from pellucid.inference.plan.graph import Graph, Value, from_onnx, to_onnx
from pellucid.inference.plan.judge import Material
from pellucid.inference.plan.machine import Machine
from pellucid.inference.plan.openvino_runtime import import_openvino
from pellucid.inference.plan.quantise import quantise
from pellucid.inference.plan.search import Search
from pellucid.inference.plan.setup import Setup, installed
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.models import Architecture, arguments_for, channels_last

Score = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.float32]]
#: A network and the side of its input.
SIDES = {"googlenet": 224, "compact": 96, "efficientnet_lite0": 224}
PEERS = ("torch channels-last", "torch.compile", "onnxruntime", "openvino f32")


def network_of(name: str, side: int) -> nn.Module:
    """Random weights, biases too (an exporter leaves biases of 0 out)."""
    arguments = arguments_for(name, classes=1000, channels=3, height=side, width=side)
    network = Architecture(name, arguments).sample(0).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.rand_like(parameter))
    return network


def tensor_form(network: nn.Module, side: int) -> bytes:
    """What users export: float32 N×C×H×W to scores."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network, (torch.zeros(2, 3, side, side),), dynamo=True, verbose=False,
            dynamic_shapes=({0: torch.export.Dim("N")},),
        )  # fmt: skip
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    return content


def peers(network: nn.Module, exported: bytes, compiled: bool) -> dict[str, Score]:
    import onnxruntime

    last = channels_last(copy.deepcopy(network))
    options = onnxruntime.SessionOptions()
    # Its threads would spin on, and slow whoever is next; its own speed is the same (measured).
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0].name
    found: dict[str, Score] = {
        "torch eager": lambda _, x: eager(network, torch.from_numpy(x)),
        "torch channels-last": lambda _, x: eager(
            last, torch.from_numpy(x).contiguous(memory_format=torch.channels_last)
        ),
        "onnxruntime": lambda _, x: session.run(None, {given: x})[0],
    }
    if "openvino" in installed():
        core = import_openvino().Core()
        default = core.compile_model(core.read_model(exported), "CPU")
        exact = core.compile_model(
            core.read_model(exported), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
        )
        found["openvino f32"] = lambda _, x: np.array(exact(x)[0])
        found["openvino default"] = lambda _, x: np.array(default(x)[0])
    if compiled:
        quick = torch.compile(last, dynamic=False)
        found["torch.compile"] = lambda _, x: eager(
            quick, torch.from_numpy(x).contiguous(memory_format=torch.channels_last)
        )
    return found


def eager(network: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        scores: NDArray[np.float32] = network(x).numpy()
    return scores


def ours(network: nn.Module, side: int, batch: int, seconds: float) -> tuple[dict[str, Score], str]:
    """The plan's float32 choice, and int8 of the same graph by the same runtime."""
    record = Preprocessing("rgb", side, side, (0.5,) * 3, (0.25,) * 3)
    graph = from_onnx(network_model(network, record).SerializeToString(), ["scores"])
    noise = np.random.default_rng(1).integers(0, 256, (16, side, side, 3), np.uint8)
    material = Material(graph, TorchRuntime(network, record), noise, None, None, batch, seconds)
    # torch is the slowest by far, and among the peers: a search over it would only take time.
    found = Search(material).run([name for name in installed() if name != "torch"])
    setup, best = found.best.setup, found.best.graph
    if setup is None or best is None:
        return {}, "nothing is faster than torch"
    setup = replace(setup, precision="f32")
    kept = [f"{s.engine}: {s.name}" for s in found.steps if s.verdict == "kept"]
    bare = without_preprocessing(best)
    runtime = setup.start(to_onnx(bare))
    scores = {"pellucid": lambda images, x: runtime.scores(x)}
    content = quantise(best, noise)
    fewer = {
        f"int8, {engine}": (Setup(engine), content) for engine in installed() if engine != "torch"
    }
    if "openvino" in installed():
        fewer["bfloat16, openvino"] = (Setup("openvino", precision="bf16"), to_onnx(best))
    for name, (way, graph_file) in fewer.items():
        rounded = way.start(graph_file)
        scores[f"pellucid {name}"] = lambda images, x, rounded=rounded: rounded.scores(images)
    return scores, f"{setup}; {'; '.join(kept)}"


def without_preprocessing(graph: Graph) -> Graph:
    """The network alone: what follows the transposition to N×C×H×W is given as float32.

    What was folded into the first convolution stays there: the products are the same.
    """
    turn = next(node for node in graph.nodes if node.op == "Transpose")
    batch, height, width, channels = graph.inputs[0].shape
    value = Value(turn.output, 1, (batch, channels, height, width))
    return replace(graph, inputs=(value,)).changed(drop=[turn])


def measure(
    ways: dict[str, Score], images: NDArray[np.uint8], rounds: int
) -> dict[str, list[float]]:
    x = np.ascontiguousarray(
        ((images / np.float32(255) - np.float32(0.5)) / np.float32(0.25)).transpose(0, 3, 1, 2),
        np.float32,
    )
    times: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways)
    wanted = None
    for name, way in ways.items():
        begin = time.perf_counter()
        found = way(images, x)
        setting_up = time.perf_counter() - begin
        way(images, x)
        wanted = found if wanted is None else wanted
        differs = np.abs(softmax(found) - softmax(wanted)).max()
        print(f"  {name:20} first call {setting_up:6.2f} s, differs by {differs:.0e}")
    for number in range(rounds):
        for name in order[number % len(order) :] + order[: number % len(order)]:
            begin = time.perf_counter()
            ways[name](images, x)
            times[name].append(time.perf_counter() - begin)
    return times


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    chances: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
    return chances


def table(times: dict[str, list[float]], batch: int) -> list[str]:
    """Median rate of each way, and ours over it (median of the rounds' ratios, quartiles)."""
    lines = ["| way | images/s | ours over it | quartiles |", "|---|---|---|---|"]
    for name, seconds in times.items():
        rate = batch / np.median(seconds)
        ratios = np.array(seconds) / np.array(times["pellucid"])
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        lines.append(f"| {name} | {rate:,.1f} | {middle:.2f} | {low:.2f}–{high:.2f} |")
    best = min((np.median(times[name]), name) for name in PEERS if name in times)[1]
    against = np.median(np.array(times[best]) / np.array(times["pellucid"]))
    lines += ["", f"Best float32 peer: {best}; ours {against:.2f} times as fast (wanted: 1.1)."]
    rounded = [name for name in times if name.startswith("pellucid ")]
    if rounded:
        best = min(rounded, key=lambda name: np.median(times[name]))
        gain = np.median(np.array(times["pellucid"]) / np.array(times[best]))
        lines.append(f"{best}: {gain:.2f} times as fast as our float32 (int8 wanted: 1.5).")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=list(SIDES), choices=SIDES)
    parser.add_argument("--batch", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each timing of the plan")
    parser.add_argument("--compile", action="store_true", help="torch.compile too")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    lines = [f"{Machine.here()}"]
    for name in asked.networks:
        side = SIDES[name]
        network = network_of(name, side)
        exported = tensor_form(network, side)
        for batch in asked.batch:
            print(f"{name}, {side}×{side}, batch {batch}", flush=True)
            own, chosen = ours(network, side, batch, asked.seconds)
            torch._dynamo.reset()
            ways = {**peers(network, exported, asked.compile), **own}
            noise = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), np.uint8)
            times = measure(ways, noise, asked.rounds)
            load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
            section = [f"\n## {name}, {side}×{side}, batch {batch} (load {load})\n"]
            section += [*table(times, batch), f"Chosen: {chosen}"] if own else [chosen]
            print("\n".join(section), flush=True)
            lines += section
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
