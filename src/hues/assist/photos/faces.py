"""Where faces are: CenterFace (Xu and others, 2019) through onnxruntime. Only in child processes."""

from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

WEIGHTS = Path(__file__).parent / "weights" / "centerface.onnx"
PIXELS = (
    860_000  # the picture is looked at with (1,070 × 800): a face of 12 of them is found, in some 280 ms of one core
)
SURE = 0.32  # rather a blur too many than a face too few
_OVERLAP = 0.3
_STRIDE, _WHOLE = 4, 32  # one answer for 4 × 4 pixels; sides are multiples of 32


class Faces:
    """The detector. Loading takes 60 ms."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # the model names weights as inputs, which is warned of
        self._session = onnxruntime.InferenceSession(WEIGHTS, options, providers=["CPUExecutionProvider"])

    def find(self, picture: np.ndarray) -> list[tuple[float, float, float, float, float]]:
        """Left, top, width, height (pixels) and score (0 … 1) of each face of an RGB picture, the surest first."""
        rows, columns = picture.shape[:2]
        sheet = np.zeros((_up(rows), _up(columns), 3), np.float32)  # padded, not stretched
        sheet[:rows, :columns] = picture
        heat, size, offset, _marks = self._session.run(None, {"input.1": sheet.transpose(2, 0, 1)[None]})
        return [
            (left, top, min(left + width, columns) - left, min(top + height, rows) - top, score)
            for left, top, width, height, score in decoded(heat[0, 0], size[0], offset[0])
            if left < columns and top < rows
        ]


def decoded(heat: np.ndarray, size: np.ndarray, offset: np.ndarray) -> list[tuple[float, float, float, float, float]]:
    """Boxes from the maps of the network: `heat` how sure a face's middle is here, `size` the logarithm of its height
    and width, `offset` how far off the middle is, each in steps of four pixels."""
    y, x = np.nonzero(heat > SURE)
    if not len(y):
        return []
    height, width = (np.exp(np.minimum(side[y, x], 6.0)) * _STRIDE for side in size)
    top = np.maximum(0, (y + offset[0][y, x] + 0.5) * _STRIDE - height / 2)
    left = np.maximum(0, (x + offset[1][y, x] + 0.5) * _STRIDE - width / 2)
    boxes = np.stack([left, top, width, height, heat[y, x]], axis=1)
    return [tuple(map(float, boxes[i])) for i in _best(boxes)]  # type: ignore[misc]


def _best(boxes: np.ndarray) -> list[int]:
    """One box for each face: the surest, without those that overlap it."""
    left, top, width, height, score = boxes.T
    kept: list[int] = []
    waiting = np.argsort(-score)
    while len(waiting):
        first, waiting = int(waiting[0]), waiting[1:]
        kept.append(first)
        across = np.minimum(left[first] + width[first], left[waiting] + width[waiting]) - np.maximum(
            left[first], left[waiting]
        )
        down = np.minimum(top[first] + height[first], top[waiting] + height[waiting]) - np.maximum(
            top[first], top[waiting]
        )
        both = np.clip(across, 0, None) * np.clip(down, 0, None)
        either = width[first] * height[first] + width[waiting] * height[waiting] - both
        waiting = waiting[both / either < _OVERLAP]
    return kept


def _up(side: int) -> int:
    return (side + _WHOLE - 1) // _WHOLE * _WHOLE


def shrink(picture: Image.Image, pixels: int) -> Image.Image:
    """The picture with at most about so many pixels."""
    scale = (pixels / (picture.width * picture.height)) ** 0.5
    if scale >= 1:
        return picture
    return picture.resize(
        (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), reducing_gap=2.0
    )
