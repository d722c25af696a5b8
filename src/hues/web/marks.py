"""The app's mark, drawn: three arches of a bridge over the river, gold on purple."""

from PIL import Image, ImageDraw

PURPLE, GOLD, LIGHT = "#5B2A86", "#E0B354", "#F4EEFA"
SCALE = 4  # drawn larger, then reduced: Pillow's arcs have no smooth edges


def draw(size: int, maskable: bool = False) -> Image.Image:
    """A square PNG of `size` pixels. A maskable one fills the square and keeps the mark inside the safe circle."""
    side = size * SCALE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    if maskable:
        pen.rectangle((0, 0, side, side), fill=PURPLE)
    else:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.22, fill=PURPLE)
    inner = 0.60 if maskable else 0.72
    left = side * (1 - inner) / 2
    width = side * inner
    deck = side * 0.58
    stroke = round(side * 0.045)
    arch = width / 3
    for i in range(3):
        x = left + i * arch
        pen.arc((x, deck - arch * 0.62, x + arch, deck + arch * 0.62), 180, 360, fill=GOLD, width=stroke)
    pen.rounded_rectangle(
        (left - stroke / 2, deck - stroke / 2, left + width + stroke / 2, deck + stroke / 2), stroke / 2, fill=LIGHT
    )
    for i, share in enumerate((0.72, 0.44)):
        y = deck + side * 0.09 * (i + 1)
        half = width * share / 2
        pen.rounded_rectangle(
            (side / 2 - half, y - stroke * 0.32, side / 2 + half, y + stroke * 0.32), stroke / 3, fill="#B58CE6"
        )
    return image.resize((size, size), Image.Resampling.LANCZOS)
