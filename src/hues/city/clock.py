"""Dates as the people of the city read them: in its own zone, in their language, as short as can be."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from hues.city import pack
from hues.city.memory import remembered
from hues.kernel import clock

_WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@remembered
def city_zone() -> ZoneInfo:
    """The city's time zone."""
    return ZoneInfo(pack.settings()["zone"])


def local(at: datetime) -> datetime:
    """The same moment on the city's clocks."""
    return at.astimezone(city_zone())


def today() -> date:
    """The date in the city now."""
    return local(clock.now()).date()


def start_of_day(day: date) -> datetime:
    """The moment at which `day` begins in the city."""
    return datetime.combine(day, time(), city_zone())


def day_text(at: datetime | date, language: str | None = None) -> str:
    """`thứ Ba, 25/11`, `Tue 25 Nov`; with the year where it is not this one."""
    day = local(at).date() if isinstance(at, datetime) else at
    same_year = day.year == today().year
    if _language(language) == "vi":
        return f"{_WEEKDAYS['vi'][day.weekday()]}, {day.day}/{day.month}" + ("" if same_year else f"/{day.year}")
    text = f"{_WEEKDAYS['en'][day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return text if same_year else f"{text} {day.year}"


def time_text(at: datetime) -> str:
    """`17:00`."""
    return f"{local(at):%H:%M}"


def moment_text(at: datetime, language: str | None = None) -> str:
    """`thứ Ba, 25/11, 17:00`, `Tue 25 Nov, 17:00`."""
    return f"{day_text(at, language)}, {time_text(at)}"


def _language(language: str | None) -> str:
    return "vi" if (language or get_language() or "vi").startswith("vi") else "en"
