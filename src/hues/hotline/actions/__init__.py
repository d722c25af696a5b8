"""Every write of this room. Pages, the API, jobs and commands all call these."""

from hues.hotline.actions.callbacks import (
    call_reporter,
    dial_callback,
    give_up,
    note_try,
    number_to_dial,
    promise,
    take_callback,
)
from hues.hotline.actions.forgetting import erase_of, export_of, forget_old, reseal
from hues.hotline.actions.handling import (
    choose,
    claim_call,
    control_call,
    note_consent,
    show_number,
    start_call,
    unwrapped,
    wrap_up,
    write_notes,
)
from hues.hotline.actions.reporting import confirm_caller, file_report, link_case, send_caller_code
from hues.hotline.actions.said import delete_due, hold_recording, open_recording, store_sound
from hues.hotline.actions.sounds import attach_sound
from hues.hotline.actions.surge import (
    begin_surge,
    end_surge,
    invite_volunteer,
    suggest_surge,
    withdraw_announcement,
    write_announcement,
)
from hues.hotline.actions.taking import close_silent, take_event, take_events

__all__ = [
    "attach_sound", "begin_surge", "call_reporter", "choose", "claim_call", "close_silent", "confirm_caller", "control_call", "delete_due",
    "dial_callback", "end_surge", "erase_of", "export_of", "file_report", "forget_old", "give_up", "hold_recording",
    "invite_volunteer", "link_case", "note_consent", "note_try", "number_to_dial", "open_recording", "promise", "reseal",
    "send_caller_code", "show_number", "start_call", "store_sound", "suggest_surge", "take_callback", "take_event",
    "take_events", "unwrapped", "withdraw_announcement", "wrap_up", "write_announcement", "write_notes",
]  # fmt: skip
