"""What reporters photograph, before and after: each scene draws one street with its trouble, or without it."""

import random
from collections.abc import Callable

from hues.cli.demo.photos.canvas import EARTH, HORIZON, WIDTH, Canvas, mix

Scene = Callable[[Canvas, bool], None]
SCENES: dict[str, tuple[str, Scene]] = {}  # name → (light, drawing)


def scene(light: str) -> Callable[[Scene], Scene]:
    def keep(function: Scene) -> Scene:
        SCENES[function.__name__] = (light, function)
        return function

    return keep


def draw(name: str, seed: int, *, after: bool = False) -> bytes:
    """The photo of scene `name` as JPEG; the same `seed` is the same street before and after."""
    light, drawing = SCENES[name]
    if after and light in ("dusk", "grey"):
        light = "day"
    canvas = Canvas(random.Random(f"{name}-{seed}"), light)  # noqa: S311 - a drawing, not a secret
    drawing(canvas, after)
    return canvas.jpeg()


def street(canvas: Canvas, *, marks: bool = True) -> None:
    canvas.houses()
    canvas.road(marks=marks)
    canvas.tree(120, 800, 430)
    canvas.tree(1500, 780, 380)


@scene("day")
def pothole(canvas: Canvas, after: bool) -> None:
    street(canvas)
    spots = [(canvas.rng.randrange(420, 1180), y, 60 + (y - 700) * 0.32) for y in (790, 900, 1040)]
    for x, y, size in spots:
        if after:
            canvas.draw.rectangle((x - size, y - size * 0.4, x + size, y + size * 0.4), fill=canvas.tone((58, 60, 66)))
        else:
            canvas.blob(x, y, size, size * 0.42, (64, 62, 62))
            canvas.blob(x, y + 6, size * 0.8, size * 0.3, EARTH)
            canvas.blob(x, y + 8, size * 0.5, size * 0.18, (124, 122, 116))
    canvas.motorbike(1060, 830, 150)


@scene("day")
def manhole(canvas: Canvas, after: bool) -> None:
    street(canvas)
    x, y = canvas.rng.randrange(620, 980), 980
    box = (x - 130, y - 52, x + 130, y + 52)
    canvas.draw.ellipse((x - 150, y - 62, x + 150, y + 62), fill=canvas.tone((140, 138, 134)))
    if after:
        canvas.draw.ellipse(box, fill=canvas.tone((72, 70, 70)))
        for step in range(-4, 5):
            canvas.draw.line((x + step * 24, y - 40, x + step * 24, y + 40), fill=canvas.tone((104, 102, 100)), width=5)
    else:
        canvas.draw.ellipse(box, fill=canvas.tone((16, 16, 18)))
        canvas.draw.line((x - 10, y, x - 60, y - 330), fill=canvas.tone((96, 76, 54)), width=12)
        for step in range(5):
            canvas.blob(x - 60 + step * 18 - 36, y - 330 + step * 22, 44, 30, (84, 138, 72))


@scene("day")
def sign(canvas: Canvas, after: bool) -> None:
    street(canvas)
    x = canvas.rng.randrange(1080, 1240)
    canvas.draw.rectangle((x - 9, 430, x + 9, 980), fill=canvas.tone((150, 152, 156)))
    canvas.draw.ellipse((x - 110, 300, x + 110, 520), fill=canvas.tone((196, 44, 44)))
    canvas.draw.ellipse((x - 78, 332, x + 78, 488), fill=canvas.tone((44, 84, 160)))
    canvas.draw.line((x - 74, 346, x + 74, 474), fill=canvas.tone((196, 44, 44)), width=26)
    if not after:
        for _ in range(16):
            dx, dy = canvas.rng.randrange(-150, 150), canvas.rng.randrange(230, 500)
            canvas.blob(x + dx, dy, 58, 44, canvas.rng.choice(((62, 122, 68), (84, 146, 76), (48, 104, 62))))
    for step in range(6):
        fade = 0.15 if after else 0.8
        left = 380 + step * 150
        stripe = mix((238, 238, 232), (92, 94, 100), fade)
        canvas.draw.polygon(
            [(left, 1010), (left + 80, 1010), (left + 70, 1110), (left - 30, 1110)], fill=canvas.tone(stripe)
        )


@scene("day")
def traffic(canvas: Canvas, after: bool) -> None:
    street(canvas)
    for row in range(1 if after else 4):
        y = 760 + row * 105
        for index in range(2 if after else 4):
            x = 420 + index * 230 + canvas.rng.randrange(-40, 40) - row * 30
            if (row + index) % 2:
                canvas.car(x, y, 200 + row * 34)
            else:
                canvas.motorbike(x, y, 110 + row * 26)


@scene("day")
def parking(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.tree(90, 860, 460)
    if not after:
        canvas.car(620, 1060, 720)
        canvas.car(1380, 980, 560)
    else:
        canvas.car(1300, 760, 300)


@scene("day")
def pavement(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.tree(1420, 880, 520)
    if after:
        return
    for _ in range(9):
        x, y = canvas.rng.randrange(300, 1150), canvas.rng.randrange(880, 1130)
        canvas.blob(x, y, 84, 34, EARTH)
        turn = canvas.rng.randrange(-24, 24)
        tile = [(x - 50, y - 10), (x + 46, y - 30 + turn), (x + 60, y + 16 + turn), (x - 40, y + 34)]
        canvas.draw.polygon(tile, fill=canvas.tone((204, 196, 184)), outline=canvas.tone((140, 134, 126)))
    for x in (1040, 1180):
        canvas.draw.rectangle((x - 50, 900, x + 50, 960), fill=canvas.tone((198, 60, 52)))
        for dx in (-44, 44):
            canvas.draw.line((x + dx, 960, x + dx, 1020), fill=canvas.tone((150, 44, 40)), width=10)


@scene("night")
def streetlight(canvas: Canvas, after: bool) -> None:
    street(canvas)
    heads = [
        canvas.pole(x, foot, height) for x, foot, height in ((1180, 1060, 940), (1060, 820, 560), (1000, 740, 380))
    ]
    for index, head in enumerate(heads):
        if after or index == 2:
            canvas.glow(head, 380 - index * 120)


@scene("day")
def cable(canvas: Canvas, after: bool) -> None:
    street(canvas)
    tops = []
    for x, foot, height in ((260, 1100, 940), (900, 860, 640), (1240, 760, 460)):
        canvas.pole(x, foot, height, lamp=False)
        tops.append((x, foot - height + 30.0))
    canvas.wires(tops, 50 if after else 330, 4 if after else 9)
    if not after:
        canvas.draw.arc((190, 240, 330, 420), 0, 360, fill=canvas.tone((34, 34, 38)), width=12)
        canvas.draw.line([(820, 520), (760, 820), (820, 1010), (900, 1060)], fill=canvas.tone((34, 34, 38)), width=8)


@scene("grey")
def tree(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.road()
    canvas.tree(1500, 780, 380)
    if after:
        canvas.draw.ellipse((150, 820, 250, 862), fill=canvas.tone((160, 120, 84)))
        return
    canvas.draw.polygon([(120, 830), (150, 900), (1230, 1010), (1240, 960)], fill=canvas.tone((110, 82, 60)))
    for _ in range(26):
        x = canvas.rng.randrange(560, 1420)
        y = 900 + (x - 560) * 0.1 + canvas.rng.randrange(-130, 110)
        canvas.blob(x, y, 96, 66, canvas.rng.choice(((62, 122, 68), (84, 146, 76), (48, 104, 62), (104, 156, 84))))
    canvas.blob(140, 870, 120, 60, EARTH)


@scene("day")
def park(canvas: Canvas, after: bool) -> None:
    canvas.draw.rectangle((0, HORIZON, WIDTH, 1200), fill=canvas.tone((130, 168, 92) if after else (116, 138, 76)))
    for x, foot, size in ((180, 720, 420), (560, 690, 340), (1240, 700, 380), (1510, 760, 470)):
        canvas.tree(x, foot, size)
    canvas.draw.polygon([(640, 640), (760, 640), (1240, 1200), (260, 1200)], fill=canvas.tone((206, 190, 164)))
    seat = (960, 880, 1360, 920)
    if after:
        canvas.draw.rectangle(seat, fill=canvas.tone((168, 120, 76)))
        canvas.draw.rectangle((960, 780, 1360, 820), fill=canvas.tone((168, 120, 76)))
    else:
        canvas.draw.polygon([(960, 890), (1150, 960), (1140, 1000), (955, 930)], fill=canvas.tone((140, 100, 66)))
        canvas.draw.polygon([(1200, 880), (1360, 880), (1360, 920), (1220, 930)], fill=canvas.tone((140, 100, 66)))
        for _ in range(70):
            x = canvas.rng.choice((canvas.rng.randrange(20, 300), canvas.rng.randrange(1180, 1580)))
            y = canvas.rng.randrange(960, 1190)
            canvas.draw.line(
                (x, y, x + canvas.rng.randrange(-18, 18), y - 76), fill=canvas.tone((92, 120, 60)), width=6
            )
    for x in (990, 1330):
        canvas.draw.rectangle((x - 16, 900, x + 16, 1010), fill=canvas.tone((120, 120, 122)))


@scene("grey")
def flood(canvas: Canvas, after: bool) -> None:
    street(canvas)
    if after:
        canvas.motorbike(880, 900, 190)
        return
    canvas.motorbike(700, 960, 240)
    canvas.car(1180, 860, 300)
    canvas.water(760 + canvas.rng.randrange(0, 60))
    canvas.rain()


@scene("day")
def drain(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    box = (420, 900, 1180, 1040)
    canvas.draw.rectangle((400, 880, 1200, 1060), fill=canvas.tone((140, 138, 132)))
    canvas.draw.rectangle(box, fill=canvas.tone((28, 28, 30)))
    for x in range(440, 1180, 44):
        canvas.draw.rectangle((x, 900, x + 16, 1040), fill=canvas.tone((96, 96, 98)))
    if after:
        return
    canvas.blob(800, 1010, 620, 110, (84, 86, 66))
    for _ in range(34):
        x, y = canvas.rng.randrange(420, 1180), canvas.rng.randrange(890, 1060)
        canvas.blob(
            x, y, 34, 20, canvas.rng.choice(((206, 206, 210), (92, 130, 70), (182, 74, 60), (70, 110, 160), EARTH))
        )


@scene("day")
def garbage(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.pole(1380, 900, 760)
    if after:
        for x in (520, 740):
            canvas.draw.rounded_rectangle((x, 800, x + 170, 1010), 14, fill=canvas.tone((64, 140, 84)))
            canvas.draw.rectangle((x - 8, 784, x + 178, 812), fill=canvas.tone((44, 108, 64)))
        return
    colours = ((44, 46, 52), (58, 60, 66), (210, 210, 214), (84, 120, 170), (196, 84, 70), (226, 190, 90))
    for row in range(4):
        for _ in range(11 - row * 2):
            x, y = canvas.rng.randrange(360 + row * 70, 1180 - row * 70), 1080 - row * 74
            canvas.blob(x, y + canvas.rng.randrange(-20, 20), 84, 62, canvas.rng.choice(colours))
    canvas.blob(760, 1128, 520, 34, (110, 104, 84))


@scene("dusk")
def smoke(canvas: Canvas, after: bool) -> None:
    canvas.field()
    canvas.tree(1440, 720, 360)
    if after:
        canvas.blob(620, 900, 190, 44, (66, 60, 52))
        return
    for step in range(22):
        grey = 150 + step * 4
        spread = 60 + step * 17
        x = 620 + step * 24 + canvas.rng.randrange(-30, 30)
        canvas.blob(x, 860 - step * 36, spread, spread * 0.6, (grey, grey, grey))
    for _ in range(12):
        x = canvas.rng.randrange(500, 740)
        canvas.draw.polygon(
            [(x - 26, 900), (x + 26, 900), (x + 4, 900 - canvas.rng.randrange(60, 130))], fill=(240, 140, 40)
        )


@scene("night")
def night(canvas: Canvas, after: bool) -> None:
    street(canvas)
    canvas.glow(canvas.pole(1240, 1000, 860), 260)
    if after:
        return
    canvas.draw.rectangle((330, 700, 640, 1010), fill=(34, 32, 44))
    for y in (770, 920):
        canvas.draw.ellipse((400, y - 62, 570, y + 66), fill=(18, 18, 22), outline=(120, 120, 130), width=8)
    for index, colour in enumerate(((230, 90, 150), (120, 200, 240), (250, 210, 90))):
        reach = 150 + index * 80
        canvas.draw.arc((485 - reach, 840 - reach, 485 + reach, 840 + reach), 300, 60, fill=colour, width=14)


@scene("day")
def poster(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.draw.rectangle((520, 120, 1080, 1130), fill=canvas.tone((214, 208, 196)))
    if after:
        return
    for _ in range(26):
        x, y = canvas.rng.randrange(530, 960), canvas.rng.randrange(150, 1000)
        paper = canvas.rng.choice(((250, 240, 120), (250, 250, 250), (250, 170, 160), (170, 220, 250)))
        canvas.draw.rectangle(
            (x, y, x + 110, y + 140), fill=canvas.tone(paper), outline=canvas.tone((150, 146, 140)), width=3
        )
        for line in range(3):
            dark = canvas.tone((190, 40, 40) if line == 0 else (60, 60, 64))
            canvas.draw.rectangle((x + 14, y + 20 + line * 38, x + 96, y + 36 + line * 38), fill=dark)


@scene("day")
def site(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.draw.rectangle((480, 180, 1120, 800), fill=canvas.tone((178, 172, 164)))
    for x in range(480, 1121, 160):
        canvas.draw.rectangle((x - 12, 160, x + 12, 800), fill=canvas.tone((140, 134, 128)))
    for y in range(180, 801, 155):
        canvas.draw.rectangle((470, y - 12, 1130, y + 12), fill=canvas.tone((140, 134, 128)))
    if after:
        canvas.draw.rectangle((440, 640, 1160, 800), fill=canvas.tone((70, 130, 110)))
        canvas.barrier(520, 1000, 520)
        return
    for _ in range(16):
        x, y = canvas.rng.randrange(420, 1180), canvas.rng.randrange(900, 1100)
        canvas.blob(x, y, 70, 40, canvas.rng.choice(((186, 92, 66), (164, 160, 154), EARTH)))


@scene("day")
def dog(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    canvas.tree(220, 860, 480)
    if after:
        return
    for x, size in ((820, 300), (1180, 220)):
        coat, foot = canvas.tone(canvas.rng.choice(((176, 132, 84), (70, 62, 58), (214, 196, 168)))), 1090
        canvas.draw.rounded_rectangle(
            (x - size * 0.5, foot - size * 0.55, x + size * 0.3, foot - size * 0.25), 40, fill=coat
        )
        canvas.draw.ellipse((x + size * 0.18, foot - size * 0.8, x + size * 0.56, foot - size * 0.44), fill=coat)
        ear = [
            (x + size * 0.24, foot - size * 0.74),
            (x + size * 0.3, foot - size * 0.98),
            (x + size * 0.38, foot - size * 0.76),
        ]
        canvas.draw.polygon(ear, fill=coat)
        for dx in (-0.42, -0.26, 0.06, 0.2):
            canvas.draw.rectangle((x + dx * size, foot - size * 0.3, x + dx * size + size * 0.08, foot), fill=coat)
        canvas.draw.line((x - size * 0.48, foot - size * 0.5, x - size * 0.7, foot - size * 0.74), fill=coat, width=18)


@scene("day")
def market(canvas: Canvas, after: bool) -> None:
    canvas.houses()
    canvas.pavement()
    for x in (260, 700, 1140):
        canvas.draw.polygon(
            [(x - 60, 640), (x + 420, 640), (x + 380, 560), (x - 20, 560)], fill=canvas.tone((196, 72, 60))
        )
        canvas.draw.rectangle((x - 20, 860, x + 380, 980), fill=canvas.tone((168, 126, 86)))
        for index in range(7):
            fruit = canvas.rng.choice(((226, 150, 50), (186, 58, 50), (110, 160, 70), (240, 210, 90)))
            canvas.blob(x + 20 + index * 52, 850, 34, 30, fruit)
        if after:
            canvas.draw.rectangle((x + 110, 890, x + 250, 960), fill=canvas.tone((250, 248, 240)))


@scene("day")
def heritage(canvas: Canvas, after: bool) -> None:
    canvas.tree(140, HORIZON + 60, 420)
    canvas.tree(1480, HORIZON + 60, 420)
    brick = (158, 98, 78)
    canvas.draw.rectangle((0, 520, WIDTH, 960), fill=canvas.tone(brick))
    for row, y in enumerate(range(520, 960, 40)):
        canvas.draw.line((0, y, WIDTH, y), fill=canvas.shade(brick), width=3)
        for x in range(row % 2 * 45, WIDTH, 90):
            canvas.draw.line((x, y, x, y + 40), fill=canvas.shade(brick), width=3)
    canvas.draw.pieslice((620, 560, 980, 1360), 180, 360, fill=canvas.tone((44, 38, 40)))
    canvas.draw.polygon([(480, 520), (1120, 520), (1200, 470), (400, 470)], fill=canvas.tone((196, 150, 60)))
    canvas.draw.polygon([(560, 470), (1040, 470), (960, 350), (640, 350)], fill=canvas.tone((196, 150, 60)))
    canvas.draw.rectangle((0, 960, WIDTH, 1200), fill=canvas.tone((112, 140, 120)))
    if after:
        return
    for _ in range(10):
        canvas.blob(canvas.rng.randrange(60, 540), canvas.rng.randrange(540, 760), 56, 44, (84, 138, 72))
    canvas.draw.line([(360, 540), (400, 640), (370, 740), (420, 900)], fill=canvas.tone((50, 32, 28)), width=10)
    for _ in range(7):
        x = canvas.rng.randrange(320, 520)
        canvas.draw.rectangle((x, 960, x + 50, 990), fill=canvas.tone(brick))


@scene("day")
def phone(canvas: Canvas, after: bool) -> None:
    canvas.draw.rectangle((0, 0, WIDTH, 1200), fill=(196, 180, 160))
    canvas.draw.rounded_rectangle((520, 90, 1080, 1130), 60, fill=(28, 28, 34))
    canvas.draw.rounded_rectangle((548, 150, 1052, 1070), 20, fill=(244, 244, 248))
    canvas.draw.rectangle((548, 150, 1052, 250), fill=(30, 123, 79) if after else (179, 38, 30))
    for index in range(6):
        left = 580 if canvas.rng.random() < 0.5 else 700
        bubble = (left, 290 + index * 120, left + 320, 380 + index * 120)
        canvas.draw.rounded_rectangle(bubble, 24, fill=(222, 226, 236) if index % 2 else (206, 226, 250))
        for line in range(2):
            y = 312 + index * 120 + line * 28
            canvas.draw.rectangle((left + 24, y, left + 280 - line * 70, y + 12), fill=(120, 124, 136))
