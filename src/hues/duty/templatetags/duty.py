"""Moments as a field of the kind datetime has them, for links that fill a form."""

from datetime import datetime, timedelta

from django import template

from hues.city import clock as city_clock

register = template.Library()


@register.filter
def typed(at: datetime) -> str:
    return f"{city_clock.local(at):%Y-%m-%dT%H:%M}"


@register.filter
def hours(length: timedelta) -> str:
    """`8`, `7.5`: how long a shift is."""
    return f"{length / timedelta(hours=1):g}"
