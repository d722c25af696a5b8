"""Pictures and films for the tests of photos, all of them drawn here."""

import random
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

COLOURS = {
    "white": ("#f2f2ee", "#141414"), "yellow": ("#f4c300", "#141414"), "blue": ("#1450a0", "#f5f5f5"), "red": ("#a81414", "#f5f5f5"),
}  # fmt: skip


def jpeg(picture: Image.Image, quality: int = 90) -> BytesIO:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    out.seek(0)
    return out


def street(seed: int = 1, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """A believable, empty street: sky, houses with windows, a road with noise."""
    rng = random.Random(seed)
    picture = Image.new("RGB", size, (176, 200, 222))
    draw, (width, height) = ImageDraw.Draw(picture), size
    x = 0
    while x < width:
        wide, tall = rng.randint(120, 260), rng.randint(height // 4, height // 2)
        wall = tuple(rng.randint(120, 220) for _ in range(3))
        draw.rectangle((x, height * 0.6 - tall, x + wide, height * 0.62), fill=wall)
        for row in range(int(height * 0.6 - tall) + 30, int(height * 0.55), 90):
            for column in range(x + 20, x + wide - 50, 70):
                draw.rectangle((column, row, column + 36, row + 52), fill=(60, 70, 84))
        x += wide
    draw.rectangle((0, height * 0.62, width, height), fill=(98, 98, 100))
    noise = np.random.default_rng(seed).normal(0, 6, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(picture, np.float32) + noise, 0, 255).astype(np.uint8))


def plate(rng: random.Random, *, two_lines: bool, colour: str) -> Image.Image:
    """A Vietnamese number plate: 520 × 110 mm of a car, 190 × 140 mm of a motorbike."""
    ground, ink = COLOURS[colour]
    letter, digits = rng.choice("ABCDEFGH"), f"{rng.randint(100, 999)}.{rng.randint(10, 99)}"
    size = (380, 280) if two_lines else (520, 110)
    made = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(made)
    draw.rounded_rectangle((3, 3, size[0] - 4, size[1] - 4), 12, outline=ink, width=4)
    province = rng.randint(11, 99)
    if two_lines:
        _signs(made, f"{province}-{letter}{rng.randint(1, 9)}", 72, 104, ink)
        _signs(made, digits, 200, 104, ink)
    else:
        _signs(made, f"{province}{letter}-{digits}", 55, 74, ink)
    return made


def _signs(sheet: Image.Image, text: str, middle: int, height: int, ink: str) -> None:
    """Signs as plates have them: of one width, apart from each other."""
    font, step = ImageFont.load_default(height), height * 0.66
    x = sheet.width / 2 - step * (sum(0.55 if sign in ".-" else 1 for sign in text)) / 2
    for sign in text:
        wide = step * (0.55 if sign in ".-" else 1)
        ImageDraw.Draw(sheet).text(
            (x + wide / 2, middle), sign, fill=ink, font=font, anchor="mm", stroke_width=1, stroke_fill=ink
        )
        x += wide


def with_plate(seed: int) -> tuple[Image.Image, tuple[float, float]]:
    """A street with a car's back and its plate, somewhat tilted and blurred; where its middle is."""
    rng = random.Random(seed)
    picture = street(seed)
    two_lines = rng.random() < 0.5
    colour = rng.choices(list(COLOURS), [6, 2, 1, 1])[0]
    one = plate(rng, two_lines=two_lines, colour=colour)
    wide = rng.randint(75, 260) if two_lines else rng.randint(120, 380)
    body = rng.choice([(30, 30, 35), (150, 30, 40), (220, 220, 225), (60, 80, 120)])
    car = Image.new("RGB", (int(one.width * 1.8), int(one.height * 2.2)), body)
    car.paste(one, (int(one.width * 0.4), int(one.height * 0.6)))
    scale = wide / one.width
    car = car.resize((int(car.width * scale), int(car.height * scale)), Image.Resampling.LANCZOS)
    angle = rng.uniform(-12, 12)
    shape = Image.new("L", car.size, 255).rotate(angle, expand=True)
    car = car.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    x, y = rng.randint(0, picture.width - car.width), rng.randint(0, picture.height - car.height)
    picture.paste(car, (x, y), shape)
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.9)))
    return Image.open(jpeg(picture, 82)).convert("RGB"), (x + car.width / 2, y + car.height / 2)


def face(width: int) -> Image.Image:
    """Somebody who does not exist, drawn carefully enough for a detector to take it for a face."""
    picture = Image.new("RGB", (300, 380), (150, 160, 150))
    draw, skin, dark, hair = ImageDraw.Draw(picture), (214, 168, 140), (110, 70, 58), (38, 28, 24)
    draw.rectangle((105, 300, 195, 380), fill=(196, 150, 122))
    draw.polygon([(0, 380), (60, 345), (240, 345), (300, 380)], fill=(40, 60, 110))
    draw.ellipse((42, 10, 258, 290), fill=hair)
    draw.ellipse((60, 50, 240, 330), fill=skin)
    draw.chord((56, 28, 244, 170), 180, 360, fill=hair)
    for x in (108, 192):
        draw.ellipse((x - 24, 165, x + 24, 190), fill=(180, 132, 108))
        draw.ellipse((x - 19, 168, x + 19, 188), fill=(240, 236, 230))
        draw.ellipse((x - 9, 168, x + 9, 188), fill=(58, 38, 26))
        draw.ellipse((x - 4, 173, x + 4, 182), fill=(10, 8, 8))
        draw.arc((x - 22, 162, x + 22, 196), 190, 350, fill=hair, width=4)
        draw.arc((x - 28, 140, x + 28, 180), 205, 335, fill=hair, width=7)
    draw.polygon([(150, 180), (134, 238), (166, 238)], fill=(200, 152, 124))
    for x in (137, 154):
        draw.ellipse((x - 5, 226, x + 13, 243), fill=(190, 140, 112))
        draw.ellipse((x, 234, x + 9, 241), fill=dark)
    draw.ellipse((118, 262, 182, 288), fill=(176, 86, 82))
    draw.line((120, 273, 180, 273), fill=dark, width=3)
    lit = np.asarray(picture.filter(ImageFilter.GaussianBlur(2.2)), np.float32)
    across = np.linspace(-1, 1, 300)[None, :, None]
    lit = lit * (1.06 - 0.22 * np.abs(across) ** 1.5 - 0.06 * np.clip(across, 0, None))
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8)).resize((width, width * 380 // 300))


def film(
    path: Path, *, seconds: float = 2, size: tuple[int, int] = (640, 360), codec: str = "libx264", sound: str = "aac",
    place: str = "", mark: bool = False, fps: int = 30,
) -> Path:  # fmt: skip
    """A short film with a tone. `mark`: a bright patch in the upper left corner, to see how it was turned."""
    out = av.open(str(path), "w")
    if place:
        out.metadata["location"] = place
    picture: Any = out.add_stream(codec, rate=fps)
    picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
    tone: Any = out.add_stream(sound, rate=48000, layout="stereo") if sound else None
    ground = np.zeros((size[1], size[0], 3), np.uint8) + np.linspace(30, 120, size[0], dtype=np.uint8)[None, :, None]
    if mark:
        ground[: size[1] // 4, : size[0] // 4] = 255
    for n in range(int(seconds * fps)):
        frame = av.VideoFrame.from_ndarray(ground, format="rgb24")
        frame.pts, frame.time_base = n, Fraction(1, fps)
        out.mux(picture.encode(frame))
    for n in range(int(seconds * 50) if tone else 0):
        wave = (np.sin(np.arange(960 * n, 960 * (n + 1)) / 17) * 0.3).astype(np.float32)
        heard = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        heard.sample_rate, heard.pts, heard.time_base = 48000, n * 960, Fraction(1, 48000)
        out.mux(tone.encode(heard))
    if tone:
        out.mux(tone.encode(None))
    out.mux(picture.encode(None))
    out.close()
    return path
