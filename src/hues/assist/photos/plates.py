"""Where number plates are, best effort: a line of five to ten signs, or two lines above each other, on one flat colour
(white, yellow, blue, red) that ends in the shape of a plate. Vietnamese plates of cars are 4.7 : 1 or 2 : 1, of
motorbikes 1.4 : 1. Only in child processes.
"""

from dataclasses import dataclass

import cv2
import numpy as np

PIXELS = 1_300_000  # the picture is looked at with (1,316 × 987)
_INK = (0.25, 0.8)  # of the box around a sign, on average over a line
_STANDS_OUT = 14  # grey levels from what is around
_SIGN = (7, 90)  # heights of signs, in pixels
_ONE_LINE, _TWO_LINES = (2.9, 6.8), (1.05, 2.6)  # width to height of the plate


@dataclass(frozen=True)
class Line:
    """Signs beside each other: left, top, right, bottom, how many, their usual height, and how the line rises."""

    left: float
    top: float
    right: float
    bottom: float
    count: int
    height: float
    slope: float


def find(picture: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Left, top, width, height (pixels) of what looks like a number plate in an RGB picture."""
    grey = cv2.blur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (3, 3))
    found: list[tuple[float, float, float, float]] = []
    for window in (19, 45):  # small plates, and near ones
        for shade in (grey, cv2.bitwise_not(grey)):  # dark signs on light, light ones on dark
            signs = cv2.adaptiveThreshold(
                shade, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, _STANDS_OUT
            )
            for lines in _plates_of(_lines(_signs(signs))):
                box = _plate_around(picture, lines)
                if box and not any(_same(box, other) for other in found):
                    found.append(box)
    return found


def _signs(mask: np.ndarray) -> np.ndarray:
    """Blots that could be letters or digits: left, top, width, height, and how much of that is ink."""
    _count, _labels, stats, _middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
    width, height, ink = stats[:, 2], stats[:, 3], stats[:, 4]
    shape = width / np.maximum(height, 1)
    fill = ink / np.maximum(width * height, 1)
    good = (height >= _SIGN[0]) & (height <= _SIGN[1]) & (shape > 0.12) & (shape < 1.1) & (fill > 0.16) & (fill < 0.95)
    return np.column_stack([stats[good][:, :4], fill[good]])


def _lines(signs: np.ndarray) -> list[Line]:
    """Runs of three and more signs of one height, close to each other."""
    if not 3 <= len(signs) <= 6000:
        return []
    signs = signs[np.argsort(signs[:, 0])]
    left, top, width, height, _ink = signs.T
    right, middle = left + width, top + height / 2
    following = np.full(len(signs), -1)
    taken = np.zeros(len(signs), bool)
    for i in range(len(signs)):
        reach = np.searchsorted(left, right[i] + 1.1 * height[i])
        rest = np.arange(i + 1, reach)
        near = rest[
            (np.abs(height[rest] - height[i]) < 0.28 * height[i])
            & (np.abs(middle[rest] - middle[i]) < 0.3 * height[i] + 0.3 * (left[rest] - left[i]))
            & (np.abs(middle[rest] - middle[i]) < 0.6 * height[i])
            & (left[rest] > right[i] - 0.25 * width[i])
            & ~taken[rest]
        ]
        if len(near):
            following[i] = near[0]
            taken[near[0]] = True
    return [line for i in range(len(signs)) if not taken[i] and (line := _line(signs, _run(following, i)))]


def _run(following: np.ndarray, start: int) -> list[int]:
    run = [start]
    while following[run[-1]] >= 0:
        run.append(int(following[run[-1]]))
    return run


def _line(signs: np.ndarray, run: list[int]) -> Line | None:
    if not 3 <= len(run) <= 10:
        return None
    left, top, width, height, ink = signs[run].T
    if not _INK[0] < ink.mean() < _INK[1]:
        return None
    x, y = left + width / 2, top + height / 2
    slope = float(np.polyfit(x, y, 1)[0])
    off = np.abs(y - y.mean() - slope * (x - x.mean()))
    if off.max() > 0.22 * np.median(height) or abs(slope) > 0.45:
        return None
    return Line(
        float(left.min()), float(top.min()), float((left + width).max()), float((top + height).max()),
        len(run), float(np.median(height)), slope,
    )  # fmt: skip


def _plates_of(lines: list[Line]) -> list[tuple[Line, ...]]:
    found: list[tuple[Line, ...]] = [(line,) for line in lines if 5 <= line.count <= 10]
    for upper in lines:
        for lower in lines:
            if upper is lower or upper.count > 6 or not 3 <= lower.count <= 6:
                continue
            gap = (lower.top + lower.bottom - upper.top - upper.bottom) / 2 / upper.height
            common = min(upper.right, lower.right) - max(upper.left, lower.left)
            alike = abs(upper.height - lower.height) < 0.3 * upper.height
            if 1.0 < gap < 2.1 and alike and common > 0.55 * min(upper.right - upper.left, lower.right - lower.left):
                found.append((upper, lower))
    return found


def _plate_around(picture: np.ndarray, lines: tuple[Line, ...]) -> tuple[float, float, float, float] | None:
    """The flat rectangle that the signs stand on, if it ends where a plate would."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    tall = sum(line.height for line in lines) / len(lines)
    around = 1.25 * tall
    x0, y0 = max(0, int(left - around)), max(0, int(top - around))
    x1, y1 = min(picture.shape[1], int(right + around)), min(picture.shape[0], int(bottom + around))
    patch = cv2.cvtColor(picture[y0:y1, x0:x1], cv2.COLOR_RGB2LAB).astype(np.int16)
    inner = picture[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    ground = _ground(inner)
    if ground is None or _boxes_only(inner, tall):
        return None
    colour = cv2.cvtColor(np.array([[ground]], np.uint8), cv2.COLOR_RGB2LAB).astype(np.int16)[0, 0]
    away = np.abs(patch - colour)
    flat = ((away[..., 0] < 38) & (away[..., 1] < 16) & (away[..., 2] < 20)).astype(np.uint8)
    _count, labels, stats, _middles = cv2.connectedComponentsWithStats(flat, connectivity=4)
    here = labels[int(top) - y0 : int(bottom) - y0 + 1, int(left) - x0 : int(right) - x0 + 1]
    sizes = np.bincount(here[here > 0].ravel(), minlength=1)
    if len(sizes) < 2:
        return None
    label = int(sizes.argmax())
    points = cv2.findNonZero((labels == label).astype(np.uint8))
    _middle, (one, other), _angle = cv2.minAreaRect(points)
    long, short = max(one, other), max(1.0, min(one, other))
    wanted = _ONE_LINE if len(lines) == 1 else _TWO_LINES
    touching = stats[label][0] == 0 and x0 > 0, stats[label][0] + stats[label][2] == x1 - x0 and x1 < picture.shape[1]
    fits = wanted[0] <= long / short <= wanted[1] and 1.02 * tall * len(lines) < short < 2.3 * tall * len(lines)
    hull = cv2.contourArea(cv2.convexHull(points))
    if not fits or any(touching) or hull < 0.72 * long * short:
        return None
    bx, by, bw, bh = stats[label][:4]
    return float(x0 + bx), float(y0 + by), float(bw), float(bh)


def _boxes_only(inner: np.ndarray, tall: float) -> bool:
    """Whether the signs are mere rectangles: windows of a house, tiles, posts of a fence."""
    grey = cv2.cvtColor(inner, cv2.COLOR_RGB2GRAY)
    _level, dark = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if np.count_nonzero(dark) > dark.size / 2:
        dark = cv2.bitwise_not(dark)
    shapes, _tree = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    full = []
    for shape in shapes:
        _left, _top, width, height = cv2.boundingRect(shape)
        if height > 0.6 * tall and height > 4:
            full.append(cv2.contourArea(shape) / max(1, (width - 1) * (height - 1)))
    return not full or float(np.mean(full)) > 0.93


def _ground(inner: np.ndarray) -> tuple[int, int, int] | None:
    """The colour that the signs stand on, if plates have it: white, yellow, blue or red; and signs stand out of it."""
    pixels = inner.reshape(-1, 3)
    grey = pixels.astype(np.int32) @ np.array([77, 151, 28]) >> 8
    dark, light = np.percentile(grey, (8, 92))
    if light - dark < 45:
        return None
    split = (dark + light) / 2
    bright = grey > split
    ground = np.median(pixels[bright] if bright.mean() > 0.5 else pixels[~bright], axis=0)
    red, green, blue = (int(value) for value in ground)
    high, low = max(red, green, blue), min(red, green, blue)
    if bright.mean() > 0.5:
        white = high - low < 60 and low > 95
        yellow = red > 120 and green > 0.6 * red and blue < 0.72 * red
        return (red, green, blue) if white or yellow else None
    blueish, reddish = blue > 1.25 * red and blue > 1.05 * green, red > 1.6 * green and red > 1.6 * blue
    return (red, green, blue) if (blueish or reddish) and high > 60 else None


def _same(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return across > 0 and down > 0 and across * down > 0.4 * min(box[2] * box[3], other[2] * other[3])
