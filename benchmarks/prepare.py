"""The city that is measured: Huế's volume, made once and kept."""

import subprocess
import sys

from hues.cases.models import Case
from hues.kernel.actors import SYSTEM


def fill(volume: int) -> int:
    """Fill with `hues demo hue` unless it is there already, in a process of its own: what is measured should not inherit its memory.

    Returns the number of cases.
    """
    if Case.objects.count() < volume:
        subprocess.run([sys.executable, "-m", "hues", "demo", "hue"], check=True)
    return Case.objects.count()


def some_key() -> str:
    """A key that may file reports."""
    from hues.people.actions import create_key

    return create_key(actor=SYSTEM, name="benchmark", scopes=["reports"])
