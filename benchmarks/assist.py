"""What the assistant costs: a report of usual length, one as long as a report may be, and the densest corners of the city."""

from collections.abc import Callable, Iterator

from django.db.models import Count
from django.db.models.functions import Round
from django.test import Client

from benchmarks.measure import Bound, Result, measure

USUAL = "Kính gửi trung tâm, đường trước số {n} Lê Lợi nhiều ổ gà sâu, mưa xuống không thấy, hôm qua có người té xe. Gọi tôi 0905 123 456."
LONG = 4_000  # characters: what a report may have


def assist(client: Client) -> Iterator[Result]:
    from hues.assist.triage import learning, store

    if store.current() is None:
        learning.train()
    little = Bound(cpu_ms=5, statements=1)
    yield measure("what a text is about", suggestion(USUAL), little)
    yield measure("what a text of 4,000 characters is about", suggestion((USUAL * 40)[:LONG]), little)
    insults = ("anh Nguyễn Văn An lừa đảo, đồ khốn nạn đ.m 0905 123 456 " * 80)[:LONG]
    yield measure("… of one full of names and insults", suggestion(insults), little)
    corners = densest()
    long = "den+duong+khong+sang+may+hom+nay+" * 60

    def nearby(i: int) -> None:
        lat, lon = corners[i % len(corners)]
        answer = client.get(f"/api/v1/nearby?lat={lat}&lon={lon}&category=DT01&text={long[:1900]}")
        assert answer.status_code == 200, answer.content[:300]

    yield measure("may be the same, in the densest corners", nearby, Bound(cpu_ms=10, statements=4))


def suggestion(text: str) -> Callable[[int], None]:
    """Kind, urgency, agency and flags, by a trained model."""
    from hues.assist.queries import suggest

    def ask(i: int) -> None:
        assert suggest(text.replace("{n}", str(i)), lat=16.4637, lon=107.5909).categories

    return ask


def densest() -> list[tuple[float, float]]:
    """The five places, about 100 m wide, with the most open reports."""
    from hues.cases.models import LISTED, Case

    cells = Case.objects.filter(LISTED, is_open=True).annotate(y=Round("public_lat", 3), x=Round("public_lon", 3))
    rows = cells.values_list("y", "x").annotate(n=Count("id")).order_by("-n")[:5]
    return [(float(y), float(x)) for y, x, _n in rows]
