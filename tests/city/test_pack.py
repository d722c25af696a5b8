"""City packs: read strictly, loaded once, never deleting what cases may refer to."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from hues.city import pack, queries
from hues.city.models import Agency, Category, PackLoad, Place, Unit
from hues.kernel.models import JournalEntry

pytestmark = pytest.mark.django_db
Mend = Callable[[str, str, str], None]


@pytest.fixture
def copy(tmp_path: Path, settings: pytest.FixtureRequest) -> Mend:
    """A copy of Huế's pack in which a test may replace text."""
    folder = tmp_path / "hue"
    shutil.copytree(Path(django_settings.CITIES_DIR) / "hue", folder)
    settings.CITIES_DIR = tmp_path  # type: ignore[attr-defined]

    def replace(file: str, old: str, new: str) -> None:
        path = folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return replace


def problems() -> str:
    with pytest.raises(pack.PackError) as refused:
        pack.check_pack("hue")
    return str(refused.value)


def test_loading_the_same_pack_again_does_nothing() -> None:
    before = PackLoad.objects.get(city="hue").stamp
    assert pack.load_pack("hue") is False
    assert PackLoad.objects.get(city="hue").stamp == before


def test_a_changed_pack_is_loaded_in_place_and_told_in_the_journal(copy: Mend) -> None:
    pothole = Category.objects.get(code="GT01").id
    copy("categories.yaml", "Ổ gà, hư hỏng mặt đường", "Ổ gà trên đường")
    assert pack.load_pack("hue") is True
    assert Category.objects.get(code="GT01").id == pothole
    assert queries.category("GT01").name("vi") == "Ổ gà trên đường"
    entry = JournalEntry.objects.filter(action="city.loaded").latest("id")
    assert entry.parts["staff"]["units"] == 40


def test_what_the_pack_no_longer_names_is_ended_not_deleted(copy: Mend) -> None:
    copy("categories.yaml", "- code: CN01", "- code: CN02")
    copy("agencies.yaml", "code: SNV,", "code: SNV2,")
    pack.load_pack("hue")
    assert Category.objects.get(code="CN01").active is False
    assert queries.category("CN01").name("vi")  # old cases still show it
    assert "CN01" not in queries.categories_json("vi").body.decode()
    assert Agency.objects.get(code="SNV").valid_to is not None


def test_a_pack_that_comes_back_is_whole_again(copy: Mend) -> None:
    copy("categories.yaml", "- code: CN01", "- code: CN02")
    pack.load_pack("hue")
    copy("categories.yaml", "- code: CN02", "- code: CN01")
    pack.load_pack("hue")
    assert Category.objects.get(code="CN01").active
    assert not Category.objects.get(code="CN02").active


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("categories.yaml", "priority: 3", "priority: 9", "categories.yaml: categories, entry 1 (GT01), priority: 9 is greater"),
        ("categories.yaml", "agency: SXD", "agency: SXX", "categories.yaml: GT01: no agency is of the kind 'SXX'"),
        ("categories.yaml", "triage: 8 working hours", "triage: soon", "entry 1 (GT01), triage: 'soon' does not match"),
        ("categories.yaml", "visibility: public", "visibility: secret", "visibility: 'secret' is not one of"),
        ("categories.yaml", "  priority: 3", "  priority: 3\n  priority: 4", "categories.yaml: line"),
        ("categories.yaml", "code: GT02", "code: GT01", "categories.yaml: 'GT01' is given 2 times"),
        ("categories.yaml", 'en: "Pothole, damaged surface"', "", "the text in 'en' is missing"),
        ("categories.yaml", "routing:", "rooting:", "'rooting' was unexpected"),
        ("agencies.yaml", "parent: SKHCN, phone", "parent: NOBODY, phone", "agencies.yaml: IOC: its parent 'NOBODY'"),
        ("agencies.yaml", ", centre: true", "", "exactly one agency is the centre"),
        ("units.csv", "Phú Xuân,10.38,124600,16.47963", "Phú Xuân,10.38,124600,zero", "units.csv: row 1 (19753): lat"),
        ("units.csv", "16.47963,107.57429", "61.47963,107.57429", "units.csv: 19753: its point lies outside"),
        ("former_units.csv", "quận Phú Xuân,19753", "quận Phú Xuân,99999", "its successor '99999' is not in units.csv"),
        ("calendar.yaml", "date: 2018-01-01", "date: 2018-13-01", "'2018-13-01' is not a 'date'"),
        ("city.yaml", "zone: Asia/Ho_Chi_Minh", "zone: Asia/Hue", "'Asia/Hue' is not a time zone"),
        ("city.yaml", '["07:30", "11:30"]', '["11:30", "07:30"]', "city.yaml: hours, periods: 11:30-07:30"),
        ("city.yaml", "code_prefix: PA", "code_prefix: [PA", "city.yaml: line"),
        ("map.geojson", '"FeatureCollection"', '"Drawing"', "map.geojson: this is not a GeoJSON FeatureCollection"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_file_and_entry(copy: Mend, file: str, old: str, new: str, said: str) -> None:
    copy(file, old, new)
    assert said in problems()


def test_all_mistakes_are_told_at_once_and_nothing_is_loaded(copy: Mend) -> None:
    copy("categories.yaml", "agency: SXD", "agency: SXX")
    copy("categories.yaml", "domain: DT", "domain: XX")
    with pytest.raises(pack.PackError) as refused:
        pack.load_pack("hue")
    assert len(refused.value.problems) >= 2
    assert queries.category("GT01").routing[-1]["agency"] == "SXD"


def test_a_city_without_a_pack_is_told_so() -> None:
    with pytest.raises(pack.PackError, match="no city pack"):
        pack.load_pack("atlantis")


def test_settings_of_a_city_that_was_never_loaded(settings: pytest.FixtureRequest) -> None:
    settings.CITY = "atlantis"  # type: ignore[attr-defined]
    with pytest.raises(pack.PackMissing, match="atlantis"):
        pack.settings()


def test_the_pack_in_memory_costs_no_statement(django_assert_num_queries: Callable[[int], object]) -> None:
    pack.settings(), queries.categories("vi"), queries.unit_at(16.46, 107.58), queries.find_places("le loi")
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        pack.settings(), queries.categories("vi"), queries.unit_at(16.46, 107.58), queries.find_places("le loi")


def test_boston_takes_the_place_of_hue_by_configuration_alone(boston: None) -> None:
    assert pack.settings()["zone"] == "America/New_York"
    assert Unit.objects.filter(valid_to=None).count() == 22
    assert not Category.objects.get(code="GT01").active
    assert queries.category("street-light-outages").name("vi") == "Street Light Outages"
    assert Place.objects.filter(kind="neighborhood").exists()
    assert not queries.find_places("Lê Lợi")
    pack.load_pack("hue")
    assert Category.objects.get(code="GT01").active
