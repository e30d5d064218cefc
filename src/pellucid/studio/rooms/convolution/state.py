"""What the convolution room's address says."""

from dataclasses import dataclass

from pellucid.geometry import MODES
from pellucid.studio.rooms.common import PLANES
from pellucid.studio.state import State, one_of, text, whole

PADDINGS = ("valid", "same", "full", "1", "2", "3")
KINDS = {
    "correlation": "Cross-correlation (as in a CNN)",
    "convolution": "Convolution (kernel turned)",
}
#: Kernels of the gallery that the grid can show.
GALLERY = (
    "identity", "shift", "box", "box:5", "gaussian:sigma=1,size=5", "motion:5", "sharpen",
    "emboss", "outline", "sobel_x", "sobel_y", "prewitt_x", "scharr_x", "roberts_x",
    "laplacian4", "laplacian8", "log:sigma=1,size=7", "oriented:angle=45,sigma=1,size=7",
)  # fmt: skip
#: Two filters of 3×3×3: edges in any colour, and red against green.
FILTERS = (
    "-1 0 1; -2 0 2; -1 0 1 | -1 0 1; -2 0 2; -1 0 1 | -1 0 1; -2 0 2; -1 0 1"
    " / 1/9 1/9 1/9; 1/9 1/9 1/9; 1/9 1/9 1/9"
    " | -1/9 -1/9 -1/9; -1/9 -1/9 -1/9; -1/9 -1/9 -1/9 | 0 0 0; 0 0 0; 0 0 0"
)
_LARGEST = 1_000_000


@dataclass(frozen=True)
class ConvolutionState(State):
    """The kernel, how it slides, and where it is.

    Attributes:
        side: pixels of the picture's longer side; 0: as it is.
        plane: that is convolved.
        kernel: as ``read_kernel`` takes it.
        kind: one of :data:`KINDS`.
        padding: a scheme, or cells on every side.
        mode: what stands in the padding.
        stride: of the window.
        dilation: of the kernel.
        y: of the output that is looked at; −1: none yet.
        x: of it.
        filters: two of 3×3×3: kernels between bars, filters between slashes.
        after: name of the picture that is learned from; empty: what the kernel makes.
        size: of the kernel that is learned.
        steps: of gradient descent.
    """

    side: int = whole(24, 0, 96)
    plane: str = one_of("gray", PLANES)
    kernel: str = text("sobel_x", 2000)
    kind: str = one_of("correlation", tuple(KINDS))
    padding: str = one_of("same", PADDINGS)
    mode: str = one_of("zeros", MODES)
    stride: int = whole(1, 1, 4)
    dilation: int = whole(1, 1, 4)
    y: int = whole(-1, -1, _LARGEST)
    x: int = whole(-1, -1, _LARGEST)
    filters: str = text(FILTERS, 2000)
    after: str = text("", 64)
    size: int = whole(3, 1, 7)
    steps: int = whole(1000, 1, 20_000)
