"""The city that is measured: Huế's volume, made once and kept."""

from hues.cases.models import Case
from hues.kernel.actors import SYSTEM


def fill(volume: int) -> int:
    """Fill with `hues demo hue` unless it is there already; returns the number of cases."""
    if Case.objects.count() < volume:
        from hues.cli.demo import run_demo

        run_demo("hue")
    return Case.objects.count()


def some_key() -> str:
    """A key that may file reports."""
    from hues.people.actions import create_key

    return create_key(actor=SYSTEM, name="benchmark", scopes=["reports"])
