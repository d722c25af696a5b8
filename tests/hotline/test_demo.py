"""The sample city's telephones: as many calls as the city counted, the same ones every time, all labelled."""

from datetime import timedelta

from hues.city.clock import today
from hues.cli.demo import hotline as demo
from hues.hotline import queries
from hues.hotline.models import Call, CallBack, CallTally
from hues.kernel.actors import Actor


def test_the_sample_is_what_the_city_counted() -> None:
    assert (demo.IN, demo.OUT, demo.IN + demo.OUT) == (31_660, 6_279, 37_939)


def test_small_is_some_dozens_once_the_same_and_labelled(operator: Actor) -> None:
    assert demo.fill("small") == demo.SMALL_IN + demo.SMALL_OUT
    assert demo.fill("small") == 0
    assert not Call.objects.exclude(is_sample=True).exists()
    assert not CallBack.objects.exclude(is_sample=True).exists()
    found = queries.figures(today() - timedelta(days=30), today())
    assert (found.calls_in, found.calls_out) == (demo.SMALL_IN, demo.SMALL_OUT)
    assert found.answered > found.abandoned > 0
    rows = list(Call.objects.order_by("code").values_list("code", "rang_at", "wait_s", "wrap_code"))
    Call.objects.all().delete()
    assert not CallTally.objects.exclude(calls=0).exists(), "the database takes away what goes"
    demo.fill("small")
    assert list(Call.objects.order_by("code").values_list("code", "rang_at", "wait_s", "wrap_code")) == rows
