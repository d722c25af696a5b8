"""Every write of the room. Pages, jobs and other rooms come through here."""

from hues.dispatch.actions.calling import record_call
from hues.dispatch.actions.going import accept_task, arrive, decline_task, finish_task, set_out
from hues.dispatch.actions.sending import recall_all, send_task, stand_down
from hues.dispatch.actions.writing import follow_up, write_log
from hues.dispatch.firing import fire_task_timers
from hues.dispatch.straightening import straighten_ladders

__all__ = [
    "accept_task",
    "arrive",
    "decline_task",
    "finish_task",
    "fire_task_timers",
    "follow_up",
    "recall_all",
    "record_call",
    "send_task",
    "set_out",
    "stand_down",
    "straighten_ladders",
    "write_log",
]
