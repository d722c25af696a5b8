"""Hiding places of a picture so that nothing of them can be won back. Only Pillow: also used where an operator draws a
box by hand, in a web process.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

Box = Sequence[float]  # left, top, width, height, as shares of the picture
Region = Mapping[str, Any]  # {"kind": "face" | "plate" | "hand", "box": Box}
Sizes = Mapping[str, Sequence[int]]  # of variants: longest side in pixels, JPEG quality

# How much is hidden around what was found. An ellipse holds the whole box from √2 on.
_MARGIN = {"face": (1.5, 1.6), "plate": (1.2, 1.35), "hand": (1.0, 1.0)}
_CELLS = 7  # along the longer side of what is hidden: a face has about five, a sign of a plate less than one
_SMALLEST = 8  # pixels


def masked(picture: Image.Image, regions: Sequence[Region]) -> Image.Image:
    """A copy in which every region is a blur of a few flat cells: less than a hundred numbers are left of it."""
    hidden = picture.copy()
    for region in regions:
        _hide(hidden, region)
    return hidden


def area(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """What is hidden for a region, margin included, in pixels: left, top, right, bottom; within the picture."""
    width, height = size
    left, top, across, down = (float(value) for value in region["box"])
    wider, taller = _MARGIN.get(region["kind"], (1.0, 1.0))
    half_x = max(across * wider * width, _SMALLEST) / 2
    half_y = max(down * taller * height, _SMALLEST) / 2
    x, y = (left + across / 2) * width, (top + down / 2) * height
    return (
        max(0, int(x - half_x)), max(0, int(y - half_y)), min(width, int(x + half_x) + 1), min(height, int(y + half_y) + 1),
    )  # fmt: skip


def _hide(picture: Image.Image, region: Region) -> None:
    box = area(region, picture.size)
    width, height = box[2] - box[0], box[3] - box[1]
    if width < 1 or height < 1:
        return
    scale = _CELLS / max(width, height)
    cells = (max(2, round(width * scale)), max(2, round(height * scale)))
    flat = picture.crop(box).resize(cells, Image.Resampling.BOX)
    blur = flat.resize((width, height), Image.Resampling.NEAREST)
    blur = blur.filter(ImageFilter.GaussianBlur(max(width, height) / _CELLS / 3))
    picture.paste(blur, box[:2], _shape(region["kind"], width, height))


def _shape(kind: str, width: int, height: int) -> Image.Image:
    if kind != "face":
        return Image.new("L", (width, height), 255)
    shape = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(shape).ellipse((0, 0, width * 2 - 1, height * 2 - 1), fill=255)
    return shape.resize((width, height), Image.Resampling.BOX)


def jpegs(picture: Image.Image, sizes: Sizes) -> dict[str, bytes]:
    """The picture in each size, the names marked as masked."""
    made = {}
    for name, (longest, quality) in sizes.items():
        scale = longest / max(picture.size)
        if scale < 1:
            smaller = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(smaller, Image.Resampling.LANCZOS, reducing_gap=2.0)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
        made[f"masked-{name}"] = out.getvalue()
    return made
