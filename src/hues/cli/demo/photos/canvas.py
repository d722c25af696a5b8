"""A street drawn flat: the things that pictures of a city consist of. All is drawn by us; nothing is photographed or copied."""

import random
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from itertools import pairwise
from math import cos, sin

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1600, 1200  # drawn twice as large as kept, which smooths the edges
HORIZON = 620

Colour = tuple[int, int, int]
Point = tuple[float, float]

SKIES: dict[str, tuple[Colour, Colour]] = {
    "day": ((126, 186, 232), (222, 238, 247)),
    "grey": ((150, 163, 176), (206, 213, 218)),
    "dusk": ((88, 84, 140), (240, 170, 128)),
    "night": ((14, 18, 38), (40, 44, 74)),
}
WALLS: Sequence[Colour] = (
    (236, 214, 170), (204, 222, 208), (240, 230, 214), (214, 190, 172), (190, 206, 224), (232, 196, 150), (246, 240, 224),
)  # fmt: skip
ROOFS: Sequence[Colour] = ((168, 74, 54), (140, 62, 48), (122, 128, 134), (96, 110, 122))
LEAVES: Sequence[Colour] = ((62, 122, 68), (84, 146, 76), (48, 104, 62), (104, 156, 84))
ASPHALT: Colour = (92, 94, 100)
PAVING: Colour = (186, 178, 168)
EARTH: Colour = (134, 108, 82)
WATER: Colour = (134, 128, 104)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    return (
        round(a[0] + (b[0] - a[0]) * share), round(a[1] + (b[1] - a[1]) * share), round(a[2] + (b[2] - a[2]) * share),
    )  # fmt: skip


class Canvas:
    """One picture. `rng` decides the street (so that before and after show the same one), `light` the time of day."""

    def __init__(self, rng: random.Random, light: str = "day") -> None:
        self.rng = rng
        self.light = light
        self.image = Image.new("RGB", (WIDTH, HEIGHT))
        self.draw = ImageDraw.Draw(self.image)
        self.sky()

    def tone(self, colour: Colour) -> Colour:
        """A colour as it looks in this light."""
        if self.light == "night":
            return mix(colour, (16, 18, 40), 0.68)
        if self.light == "dusk":
            return mix(colour, (96, 66, 96), 0.34)
        return mix(colour, (150, 158, 166), 0.22) if self.light == "grey" else colour

    def shade(self, colour: Colour) -> Colour:
        return self.tone(mix(colour, (0, 0, 0), 0.18))

    # ── surfaces ──

    def sky(self) -> None:
        top, bottom = SKIES[self.light]
        for y in range(0, HORIZON, 10):
            self.draw.rectangle((0, y, WIDTH, y + 10), fill=mix(top, bottom, y / HORIZON))
        if self.light in ("day", "grey"):
            for _ in range(3):
                x, y = self.rng.randrange(WIDTH), self.rng.randrange(60, 300)
                for dx in (0, 70, 130):
                    self.draw.ellipse(
                        (x + dx, y - dx % 60, x + dx + 150, y + 60), fill=mix(bottom, (255, 255, 255), 0.6)
                    )

    def houses(self) -> None:
        """A row of narrow shop-houses to the horizon."""
        x = -40
        while x < WIDTH:
            width, height = self.rng.randrange(120, 210), self.rng.randrange(170, 420)
            wall, top = self.rng.choice(WALLS), HORIZON - height
            self.draw.rectangle((x, top, x + width, HORIZON + 30), fill=self.tone(wall))
            roof = self.tone(self.rng.choice(ROOFS))
            self.draw.polygon([(x - 10, top), (x + width / 2, top - 46), (x + width + 10, top)], fill=roof)
            for floor in range(top + 30, HORIZON - 120, 92):
                for side in (0.18, 0.58):
                    lit = self.light == "night" and self.rng.random() < 0.4
                    window = (250, 214, 130) if lit else self.tone((98, 126, 150))
                    left = x + width * side
                    self.draw.rectangle((left, floor, left + width * 0.24, floor + 52), fill=window)
            awning = self.rng.choice(((196, 72, 60), (64, 120, 170), (70, 140, 96), (210, 160, 60)))
            self.draw.rectangle((x + 8, HORIZON - 92, x + width - 8, HORIZON - 62), fill=self.tone(awning))
            self.draw.rectangle((x + 16, HORIZON - 62, x + width - 16, HORIZON + 30), fill=self.shade(wall))
            x += width + self.rng.choice((0, 0, 14))

    def road(self, colour: Colour = ASPHALT, marks: bool = True) -> None:
        self.draw.rectangle((0, HORIZON + 20, WIDTH, HEIGHT), fill=self.tone(PAVING))
        self.draw.polygon(
            [(560, HORIZON + 24), (1040, HORIZON + 24), (1640, HEIGHT), (-40, HEIGHT)], fill=self.tone(colour)
        )
        if marks:
            for step in range(6):
                y, reach = HORIZON + 50 + step * step * 17, 6 + step * 3
                box = [(800 - reach, y), (800 + reach, y), (800 + reach * 1.6, y + 30 + step * 13)]
                self.draw.polygon([*box, (800 - reach * 1.6, y + 30 + step * 13)], fill=self.tone((224, 222, 210)))

    def pavement(self) -> None:
        """Seen from the footpath: paving stones in front, the road behind."""
        self.draw.rectangle((0, HORIZON + 20, WIDTH, 780), fill=self.tone(ASPHALT))
        self.draw.rectangle((0, 780, WIDTH, 812), fill=self.tone((150, 146, 140)))
        self.draw.rectangle((0, 812, WIDTH, HEIGHT), fill=self.tone(PAVING))
        for row, y in enumerate(range(812, HEIGHT, 78)):
            self.draw.line((0, y, WIDTH, y), fill=self.shade(PAVING), width=4)
            for x in range(-60 + row % 2 * 60, WIDTH, 120):
                self.draw.line((x, y, x - 10, y + 78), fill=self.shade(PAVING), width=4)

    def field(self) -> None:
        self.draw.rectangle((0, HORIZON - 20, WIDTH, HEIGHT), fill=self.tone((146, 168, 86)))
        for y in range(HORIZON, HEIGHT, 46):
            self.draw.line((0, y, WIDTH, y + 12), fill=self.shade((146, 168, 86)), width=5)
        self.draw.polygon(
            [(0, HORIZON - 20), (420, HORIZON - 190), (900, HORIZON - 20)], fill=self.tone((92, 124, 122))
        )
        self.draw.polygon(
            [(600, HORIZON - 20), (1160, HORIZON - 250), (1700, HORIZON - 20)], fill=self.tone((78, 110, 112))
        )

    def water(self, level: int, colour: Colour = WATER) -> None:
        """Flood up to `level` (a height in the picture), with ripples."""
        sheet = Image.new("RGBA", self.image.size)
        pen = ImageDraw.Draw(sheet)
        pen.rectangle((0, level, WIDTH, HEIGHT), fill=(*self.tone(colour), 226))
        for _ in range(60):
            x, y = self.rng.randrange(WIDTH), self.rng.randrange(level + 8, HEIGHT)
            reach = 20 + (y - level) // 6
            pen.line((x - reach, y, x + reach, y), fill=(*self.tone(mix(colour, (255, 255, 255), 0.3)), 190), width=4)
        self.image.paste(sheet, (0, 0), sheet)
        self.draw = ImageDraw.Draw(self.image)

    def rain(self) -> None:
        for _ in range(260):
            x, y = self.rng.randrange(WIDTH), self.rng.randrange(HEIGHT)
            self.draw.line((x, y, x - 8, y + 34), fill=self.tone((214, 222, 230)), width=2)

    # ── things ──

    def tree(self, x: float, foot: float, size: float) -> None:
        self.draw.rectangle((x - size * 0.05, foot - size * 0.5, x + size * 0.05, foot), fill=self.tone((110, 82, 60)))
        for _ in range(9):
            dx, dy = self.rng.uniform(-0.3, 0.3) * size, self.rng.uniform(-1.0, -0.5) * size
            reach = self.rng.uniform(0.16, 0.26) * size
            box = (x + dx - reach, foot + dy - reach, x + dx + reach, foot + dy + reach)
            self.draw.ellipse(box, fill=self.tone(self.rng.choice(LEAVES)))

    def pole(self, x: float, foot: float, height: float, lamp: bool = True) -> Point:
        """A concrete pole; returns where its lamp is."""
        width = height * 0.022
        self.draw.polygon(
            [(x - width, foot), (x + width, foot), (x + width * 0.6, foot - height), (x - width * 0.6, foot - height)],
            fill=self.tone((168, 166, 160)),
        )
        head = (x + height * 0.24, foot - height * 0.98)
        if lamp:
            self.draw.line((x, foot - height * 0.92, *head), fill=self.tone((120, 122, 126)), width=round(width))
            reach = height * 0.05
            box = (head[0] - reach, head[1] - reach * 0.4, head[0] + reach, head[1] + reach * 0.4)
            self.draw.rounded_rectangle(box, reach * 0.3, fill=self.tone((70, 74, 80)))
        return head

    def glow(self, at: Point, reach: float, colour: Colour = (255, 226, 160)) -> None:
        light = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(light)
        pen.polygon([at, (at[0] - reach, HEIGHT), (at[0] + reach, HEIGHT)], fill=90)
        pen.ellipse((at[0] - 60, at[1] - 60, at[0] + 60, at[1] + 60), fill=235)
        light = light.resize((200, 150)).filter(ImageFilter.GaussianBlur(5)).resize(self.image.size)
        self.image.paste(Image.new("RGB", self.image.size, colour), (0, 0), light)
        self.draw = ImageDraw.Draw(self.image)

    def wires(self, points: Sequence[Point], sag: float, count: int = 5) -> None:
        for index in range(count):
            for (x1, y1), (x2, y2) in pairwise(points):
                droop = sag * (0.6 + 0.12 * index)
                curve = [
                    (x1 + (x2 - x1) * t / 12, y1 + index * 9 + (y2 - y1) * t / 12 + droop * 4 * (t / 12) * (1 - t / 12))
                    for t in range(13)
                ]
                self.draw.line(curve, fill=self.tone((34, 34, 38)), width=5, joint="curve")

    def motorbike(self, x: float, foot: float, size: float, rider: bool = True) -> None:
        wheel, body = (
            size * 0.2,
            self.tone(self.rng.choice(((178, 52, 48), (44, 78, 140), (60, 60, 66), (226, 226, 222)))),
        )
        for dx in (-0.34, 0.34):
            box = (x + dx * size - wheel, foot - 2 * wheel, x + dx * size + wheel, foot)
            self.draw.ellipse(box, fill=self.tone((36, 36, 40)), outline=self.tone((120, 120, 124)), width=4)
        self.draw.polygon(
            [
                (x - size * 0.36, foot - size * 0.42), (x + size * 0.2, foot - size * 0.4),
                (x + size * 0.34, foot - size * 0.6), (x + size * 0.3, foot - size * 0.26),
                (x - size * 0.24, foot - size * 0.24),
            ],
            fill=body,
        )  # fmt: skip
        if rider:
            shirt = self.tone(self.rng.choice(((120, 150, 190), (200, 120, 120), (230, 210, 150))))
            self.draw.polygon(
                [
                    (x - size * 0.2, foot - size * 0.42), (x + size * 0.04, foot - size * 0.42),
                    (x + size * 0.06, foot - size * 0.86), (x - size * 0.14, foot - size * 0.86),
                ],
                fill=shirt,
            )  # fmt: skip
            head = (x - size * 0.14, foot - size * 1.08, x + size * 0.08, foot - size * 0.86)
            self.draw.ellipse(head, fill=self.tone((70, 60, 120)))

    def car(self, x: float, foot: float, size: float, colour: Colour | None = None) -> None:
        paint = self.tone(colour or self.rng.choice(((230, 230, 232), (60, 66, 76), (150, 40, 44), (84, 110, 150))))
        self.draw.rounded_rectangle(
            (x - size * 0.5, foot - size * 0.3, x + size * 0.5, foot - size * 0.06), size * 0.06, fill=paint
        )
        roof = [(x - size * 0.34, foot - size * 0.3), (x - size * 0.22, foot - size * 0.47)]
        self.draw.polygon(
            [*roof, (x + size * 0.2, foot - size * 0.47), (x + size * 0.36, foot - size * 0.3)], fill=paint
        )
        glass = [(x - size * 0.28, foot - size * 0.3), (x - size * 0.19, foot - size * 0.43)]
        glass += [(x + size * 0.17, foot - size * 0.43), (x + size * 0.28, foot - size * 0.3)]
        self.draw.polygon(glass, fill=self.tone((132, 164, 186)))
        for dx in (-0.28, 0.28):
            wheel = size * 0.085
            box = (x + dx * size - wheel, foot - 2 * wheel, x + dx * size + wheel, foot)
            self.draw.ellipse(box, fill=self.tone((30, 30, 34)), outline=self.tone((170, 170, 172)), width=6)

    def barrier(self, x: float, foot: float, width: float) -> None:
        for index in range(8):
            stripe = (214, 58, 48) if index % 2 else (248, 246, 240)
            left = x + width * index / 8
            self.draw.rectangle(
                (left, foot - width * 0.3, left + width / 8, foot - width * 0.18), fill=self.tone(stripe)
            )
        for dx in (0.1, 0.9):
            post = (x + width * dx - 6, foot - width * 0.34, x + width * dx + 6, foot)
            self.draw.rectangle(post, fill=self.tone((210, 150, 40)))

    def blob(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """An uneven patch."""
        points = []
        for step in range(18):
            angle, wobble = step / 18 * 6.2832, self.rng.uniform(0.8, 1.12)
            unit = on_circle(angle)
            points.append((x + unit[0] * width * wobble, y + unit[1] * height * wobble))
        self.draw.polygon(points, fill=self.tone(colour))

    # ── the result ──

    def jpeg(self) -> bytes:
        """The picture at half size, with the label that says it is a sample."""
        small = self.image.reduce(2)
        small = Image.blend(small, grain(), 0.05)
        label(small)
        out = BytesIO()
        small.save(out, "JPEG", quality=82)
        return out.getvalue()


@cache
def grain() -> Image.Image:
    """The noise of a camera, the same for every picture."""
    return Image.effect_noise((WIDTH // 2, HEIGHT // 2), 14).convert("RGB")


def on_circle(angle: float) -> Point:
    return cos(angle), sin(angle)


def label(image: Image.Image) -> None:
    """ "ảnh mẫu" in the corner. The bundled font has no Vietnamese marks, so they are drawn by hand."""
    pen = ImageDraw.Draw(image, "RGBA")
    font = ImageFont.load_default(20)
    left, top = image.width - 108, image.height - 42
    pen.rounded_rectangle((left, top, left + 100, top + 34), 8, fill=(20, 16, 26, 170))
    pen.text((left + 10, top + 7), "anh mau", font=font, fill=(255, 255, 255))
    white = (255, 255, 255, 255)
    x: float = left + 15  # ả: a hook
    pen.arc((x - 3, top + 3, x + 3, top + 8), 200, 80, fill=white, width=2)
    x = left + 10 + font.getlength("anh m") + font.getlength("a") / 2  # ẫ: a circumflex with a tilde
    pen.line([(x - 4, top + 9), (x, top + 6), (x + 4, top + 9)], fill=white, width=2)
    pen.line([(x - 4, top + 4), (x - 1, top + 2), (x + 1, top + 4), (x + 4, top + 2)], fill=white, width=2)
