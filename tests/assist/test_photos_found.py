"""What is found in pictures, and that what is hidden stays hidden."""

import numpy as np
import pytest
from PIL import Image
from tests.assist import samples

from hues.assist.photos import drawing, mask, plates
from hues.assist.photos.faces import Faces, decoded

SEEDS = range(10)


@pytest.fixture(scope="module")
def detector() -> Faces:
    return Faces()


def test_the_decoder_reads_what_the_network_says() -> None:
    heat, size, offset = np.zeros((8, 8), np.float32), np.zeros((2, 8, 8), np.float32), np.zeros((2, 8, 8), np.float32)
    heat[3, 4], heat[3, 5] = 0.9, 0.6  # two answers for one face
    size[:, 3, 4:6] = np.log(4)  # 16 pixels high and wide
    boxes = decoded(heat, size, offset)
    assert [tuple(round(value, 3) for value in box) for box in boxes] == [(10.0, 6.0, 16.0, 16.0, 0.9)]
    assert decoded(np.zeros((8, 8), np.float32), size, offset) == []


def test_a_face_is_found_near_and_far_and_an_empty_street_has_none(detector: Faces) -> None:
    picture = samples.street(3, (2048, 1536))
    wide = (64, 110, 200, 330)
    for n, width in enumerate(wide):
        picture.paste(samples.face(width), (100 + 450 * n, 800))
    found = [one for one in mask.regions(picture, detector) if one["kind"] == "face"]
    middles = sorted(one["box"][0] * 2048 + one["box"][2] * 1024 for one in found)
    assert len(found) == len(wide)
    assert all(
        100 + 450 * n < middle < 100 + 450 * n + width
        for n, (middle, width) in enumerate(zip(middles, wide, strict=True))
    )
    assert not [
        one for seed in range(2) for one in mask.regions(samples.street(seed), detector) if one["kind"] == "face"
    ]


def test_most_plates_are_found_and_few_things_that_are_none() -> None:
    """Best effort, and measured: see src/hues/assist/photos/README.md."""
    hits = false = 0
    for seed in SEEDS:
        picture, (x, y) = samples.with_plate(seed)
        found = plates.find(np.asarray(picture))
        on_plate = [box for box in found if box[0] < x < box[0] + box[2] and box[1] < y < box[1] + box[3]]
        hits, false = hits + bool(on_plate), false + len(found) - len(on_plate)
    assert hits >= 0.85 * len(SEEDS), hits
    assert false <= 2, false


@pytest.mark.parametrize("kind", ["face", "plate", "hand"])
def test_hidden_is_hidden_for_good(kind: str) -> None:
    """Two different things under a mask leave nearly the same picture; what is around stays as it was."""
    rng = np.random.default_rng(1)
    fine = [Image.fromarray(rng.integers(0, 255, (600, 800, 3), np.uint8)) for _ in range(2)]
    region = {"kind": kind, "box": [0.4, 0.4, 0.2, 0.2]}
    hidden = [np.asarray(drawing.masked(picture, [region]), np.float32) for picture in fine]
    inner = (slice(250, 350), slice(330, 470))
    assert np.abs(hidden[0][inner] - hidden[1][inner]).mean() < 8  # of 85 before
    assert hidden[0][inner].std() < 8
    assert (hidden[0][:100] == np.asarray(fine[0], np.float32)[:100]).all()
    left, top, right, bottom = drawing.area(region, (800, 600))
    assert left <= 320 and top <= 240 and right >= 480 and bottom >= 360


def test_a_region_at_the_edge_or_beyond_does_no_harm() -> None:
    picture = samples.street(2, (64, 48))
    for box in ([0.9, 0.9, 0.5, 0.5], [0, 0, 1, 1], [1, 1, 0, 0], [0.5, 0.5, 0.001, 0.001]):
        assert drawing.masked(picture, [{"kind": "face", "box": box}]).size == picture.size
