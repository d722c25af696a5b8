"""Moments, distances, money and numbers in the words people use, in the city's own zone and the reader's language."""

from datetime import datetime, timedelta
from functools import cache

from django.utils.formats import get_format
from django.utils.numberformat import format as grouped
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from hues.city.clock import city_zone
from hues.kernel import clock


@cache
def _weekdays(_language: str | None) -> tuple[str, ...]:
    return (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )


@cache
def _months(_language: str | None) -> tuple[str, ...]:
    return (
        pgettext("month", "Jan"),
        pgettext("month", "Feb"),
        pgettext("month", "Mar"),
        pgettext("month", "Apr"),
        pgettext("month", "May"),
        pgettext("month", "Jun"),
        pgettext("month", "Jul"),
        pgettext("month", "Aug"),
        pgettext("month", "Sep"),
        pgettext("month", "Oct"),
        pgettext("month", "Nov"),
        pgettext("month", "Dec"),
    )


def _parts(local: datetime) -> dict[str, str]:
    language = get_language()
    return {
        "weekday": _weekdays(language)[local.weekday()],
        "day": str(local.day),
        "month": str(local.month),
        "month_name": _months(language)[local.month - 1],
        "year": str(local.year),
        "time": f"{local:%H:%M}",
    }


def moment(at: datetime, style: str = "full") -> str:
    """`at` in words. Styles: full (weekday, date, time), day, time, short (date and time in little room), brief (the date in
    least room), ago, near."""
    local = at.astimezone(city_zone())
    now = clock.now().astimezone(city_zone())
    parts = _parts(local)
    if style == "time":
        return parts["time"]
    if style == "ago":
        return _ago(local, now)
    if style == "near":
        return _near(local, now)
    other_year = local.year != now.year
    if style == "brief":
        return (_("{day} {month_name} {year}") if other_year else _("{day} {month_name}")).format(**parts)
    if style == "short":
        form = _("{day} {month_name} {year}") if other_year else _("{day} {month_name} {time}")
    elif style == "day":
        form = _("{weekday} {day} {month_name} {year}")
    else:
        form = (
            _("{weekday} {day} {month_name} {year}, {time}")
            if other_year
            else _("{weekday} {day} {month_name}, {time}")
        )
    return form.format(**parts)


def _near(local: datetime, now: datetime) -> str:
    """Today and tomorrow by name, other days by weekday and date."""
    days = (local.date() - now.date()).days
    if days == 0:
        return _("{time} today").format(time=f"{local:%H:%M}")
    if days == 1:
        return _("{time} tomorrow").format(time=f"{local:%H:%M}")
    if days == -1:
        return _("{time} yesterday").format(time=f"{local:%H:%M}")
    if abs(days) < 7:
        return _("{weekday} {day} {month_name}, {time}").format(**_parts(local))
    return moment(local, "short")


def _ago(local: datetime, now: datetime) -> str:
    gone = now - local
    if gone < timedelta(0):
        return _near(local, now)
    if gone < timedelta(minutes=1):
        return _("just now")
    if gone < timedelta(days=1):
        return _("{span} ago").format(span=span(gone))
    return _near(local, now)


def span(length: timedelta) -> str:
    """A length of time in one unit: "12 minutes", "3 hours", "2 days"."""
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes < 60:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    days = minutes // (24 * 60)
    return ngettext("{n} day", "{n} days", days).format(n=number(days))


def number(value: float, decimals: int = 0) -> str:
    """A number with the reader's separators: 183.000 in Vietnamese, 183,000 in English."""
    point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    return str(grouped(round(value, decimals), point, decimals, grouping=3, thousand_sep=comma, force_grouping=True))


def distance(metres: float) -> str:
    """Metres below one kilometre (to ten metres), kilometres above."""
    if metres < 1000:
        return f"{number(round(metres, -1) if metres >= 20 else round(metres))} m"
    return f"{number(metres / 1000, 1 if metres < 20_000 else 0)} km"


def money(dong: int) -> str:
    """An amount of đồng: 1.250.000 đ."""
    return f"{number(dong)} đ"


def percent(share: float | None) -> str:
    """A share between 0 and 1; nothing to divide is a dash, not zero."""
    return "–" if share is None else f"{number(share * 100, 1)}%"
