"""Reads: open tasks for boards and walls, the board, one task, whom to send, whom to call, the ladder, the shared log."""

from hues.dispatch.queries.board import Board, TaskRow, board, mine, open_tasks
from hues.dispatch.queries.calls import CallRow, call_list
from hues.dispatch.queries.climbing import Ladder, Rung, ladders_of
from hues.dispatch.queries.log import Line, log_of
from hues.dispatch.queries.one import CaseView, TaskView, case_view, task_view, view_of
from hues.dispatch.queries.suggesting import Suggestion, suggestions

__all__ = [
    "Board",
    "CallRow",
    "CaseView",
    "Ladder",
    "Line",
    "Rung",
    "Suggestion",
    "TaskRow",
    "TaskView",
    "board",
    "call_list",
    "case_view",
    "ladders_of",
    "log_of",
    "mine",
    "open_tasks",
    "suggestions",
    "task_view",
    "view_of",
]
