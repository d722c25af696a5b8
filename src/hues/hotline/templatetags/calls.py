"""Words of the call desk's templates."""

from collections.abc import Mapping

from django import template

from hues.city.questions import text

register = template.Library()


@register.filter
def clock_of(seconds: float | None) -> str:
    """`0:08`, `3:05`, `1:02:45`."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


@register.filter
def pick_text(texts: Mapping[str, str], language: str) -> str:
    return text(texts, language)
