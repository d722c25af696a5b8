"""Reads of the hotline, each with the number of its statements; tests/hotline/test_queries.py holds them to it."""

from hues.hotline.queries.desk import (
    CallBackRow,
    CallRow,
    QueueNow,
    SeatNow,
    call_backs,
    call_for,
    calls,
    calls_of_case,
    live_calls,
    my_call,
    open_call_backs,
    seats,
    waiting,
)
from hues.hotline.queries.figures import DEFINITIONS, Figures, Hour, by_code, by_day, by_hour, figures
from hues.hotline.queries.hearing import openings
from hues.hotline.queries.hints import Hint, hint
from hues.hotline.queries.telling import announcements_for, running_announcements, sound_of

__all__ = [
    "DEFINITIONS", "CallBackRow", "CallRow", "Figures", "Hint", "Hour", "QueueNow", "SeatNow", "announcements_for", "by_code",
    "by_day", "by_hour", "call_backs", "call_for", "calls", "calls_of_case", "figures", "hint", "live_calls", "my_call",
    "open_call_backs", "openings", "running_announcements", "seats", "sound_of", "waiting",
]  # fmt: skip
