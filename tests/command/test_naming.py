"""What may hang on a wall: a name of which every word is understood; anything else may be somebody."""

import pytest

from hues.command import actions
from hues.command.models import Incident
from hues.command.naming import names_somebody
from hues.kernel.actors import Actor
from tests.command.conftest import signed_in


@pytest.mark.parametrize(
    "name",
    [
        "Mưa lớn, ngập lụt",
        "Mưa lớn diện rộng (mẫu)",
        "Bão số 12",
        "Bão Yagi",
        "Ngập phường Thuận Hóa, cấp 3",
        "Ngập nặng Phường Thuận Hóa",
        "Cây đổ đường Lê Lợi",
        "Cháy rừng ngày 23/11/2026",
        "MƯA LỚN, NGẬP LỤT",
        "Gió mạnh sau bão",
        "Flood after the storm",
        "Lễ hội ở Huế",
    ],
)
def test_what_is_understood_is_shown(db: None, name: str) -> None:
    assert not names_somebody(name)


@pytest.mark.parametrize(
    "name",
    [
        "Tìm kiếm Nguyễn Văn Tám",
        "TÌM NGUYỄN VĂN TÁM",
        "tìm nguyễn văn tám",
        "Cứu cháu Bình",
        "tìm bà tám bán bún",
        "Cứu hộ Tám",
        "Nguyễn Tám bị kẹt",
        "Ngập, gọi 0905 123 456",
        "Ngập, gọi 0905.123.456",
        "Ngập, gọi 234 3822",
        "Cháy nhà 27 Lê Lợi",
        "Cháy nhà số 5",
        "Sập tường kiệt 22",
        "Rescue of Mr Tam",
        "Search for John Smith",
        "Liên hệ tam.nguyen@example.org",
        "Xe 75A-123.45 rơi xuống sông",
    ],
)
def test_what_may_be_somebody_is_not(db: None, name: str) -> None:
    assert names_somebody(name)


def test_whoever_commands_is_told_that_the_wall_hides_the_name(rain: Incident, lead: Actor) -> None:
    client, here = signed_in(lead), f"/desk/incidents/{rain.code}"
    assert "Màn hình lớn hiện" not in client.get(here).content.decode()
    Incident.objects.filter(pk=rain.pk).update(name="Tìm kiếm Nguyễn Văn Tám")
    for page in (here, f"{here}/parts/head"):
        html = client.get(page).content.decode()
        assert "Màn hình lớn hiện" in html and f'href="{here}/area"' in html
    actions.change_area(actor=lead, code=rain.code, name="Tìm kiếm cứu nạn trên sông", unit_codes=["19789"])
    assert "Màn hình lớn hiện" not in client.get(here).content.decode()
