"""Reads. Each says how many statements it costs; tests/command/test_pages.py holds the pages to it."""

from hues.command.queries.board import Board, board
from hues.command.queries.offers import offered_calls, offered_count, offers
from hues.command.queries.rows import IncidentRow, active, history, incidents_of, joinable, running
from hues.command.queries.tasks import TaskRow, open_tasks, task_rows
from hues.command.queries.timeline import Moment, Times, moments, times

__all__ = [
    "Board",
    "IncidentRow",
    "Moment",
    "TaskRow",
    "Times",
    "active",
    "board",
    "history",
    "incidents_of",
    "joinable",
    "moments",
    "offered_calls",
    "offered_count",
    "offers",
    "open_tasks",
    "running",
    "task_rows",
    "times",
]
