"""Every write of the operators' console. Decisions on cases go through `cases.actions.take_step`, with its permission and its journal entry."""

from hues.console.alone import start_decision
from hues.console.bulk import fire_bulks, start_bulk, undo_bulk
from hues.console.claiming import claim_next
from hues.console.deciding import decide
from hues.console.filters import remove_filter, save_filter
from hues.console.handing import begin_handover, give_handover, take_handover, take_point, write_handover
from hues.console.holding import hold_case, take_up, wake_holds
from hues.console.leases import release, renew, take_over
from hues.console.noticing import notice_untouched
from hues.console.replies import end_reply, save_reply

__all__ = [
    "begin_handover",
    "claim_next",
    "decide",
    "end_reply",
    "fire_bulks",
    "give_handover",
    "hold_case",
    "notice_untouched",
    "release",
    "remove_filter",
    "renew",
    "save_filter",
    "save_reply",
    "start_bulk",
    "start_decision",
    "take_handover",
    "take_over",
    "take_point",
    "take_up",
    "undo_bulk",
    "wake_holds",
    "write_handover",
]
