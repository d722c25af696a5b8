"""Drawn photos: believable to the file store, the same every time, and plainly samples."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from hues.cli.demo.photos import SCENES, Album, draw
from hues.cli.demo.texts import read_texts
from hues.kernel.files import open_variant
from hues.kernel.models import StoredFile


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_before_and_after_are_one_street(scene: str) -> None:
    before, after = (Image.open(BytesIO(draw(scene, 1, after=after))) for after in (False, True))
    assert before.size == after.size == (800, 600)
    assert ImageChops.difference(before, after).getbbox()  # something was done
    assert ImageChops.difference(before, Image.open(BytesIO(draw(scene, 2)))).getbbox()  # another street


def test_the_same_seed_draws_the_same() -> None:
    first, second = (Image.open(BytesIO(draw("pothole", 4))) for _ in range(2))
    assert ImageChops.difference(first, second).getbbox() is None


def test_every_photo_says_that_it_is_a_sample() -> None:
    photo = Image.open(BytesIO(draw("night", 1))).convert("L")
    corner = photo.crop((690, 556, 795, 594))
    darkest, lightest = corner.getextrema()
    assert lightest > 230 and darkest < 70  # white letters on a dark label


def test_every_kind_of_report_has_a_scene_or_none() -> None:
    assert {kind.scene for kind in read_texts().kinds.values()} <= {*SCENES, "none"}


@pytest.mark.django_db
def test_an_album_stores_each_drawing_once_and_gives_each_case_a_photo_of_its_own() -> None:
    album = Album()
    ids = [album.photo("garbage", 1, after=False, owner_id=None) for _ in range(3)]
    assert len(set(ids)) == 3
    assert StoredFile.objects.filter(pk__in=ids).values("sha256").distinct().count() == 1
    assert len({open_variant(file_id, "thumb").read() for file_id in ids}) == 1
