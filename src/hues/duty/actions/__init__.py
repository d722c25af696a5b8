"""Every write of the room: teams and rotas, shifts, swaps, absences, positions, calendars, the check of coverage."""

from hues.duty.actions.absences import ask_absence, decide_absence, withdraw_absence
from hues.duty.actions.coverage import check_coverage
from hues.duty.actions.feeds import feed_path, person_of_feed, renew_feed
from hues.duty.actions.imports import Imported, import_roster
from hues.duty.actions.laying import Laid, lay_ahead
from hues.duty.actions.own import keep_phone
from hues.duty.actions.positions import note_position, start_sharing, stop_sharing, sweep_positions
from hues.duty.actions.shifts import add_shift, call_in, call_off, hand_over
from hues.duty.actions.swaps import answer_swap, ask_swap, decide_swap, expire_swaps, withdraw_swap
from hues.duty.actions.teams import add_member, change_member, close_team, remove_member, save_rota, save_team

__all__ = [
    "Imported",
    "Laid",
    "add_member",
    "add_shift",
    "answer_swap",
    "ask_absence",
    "ask_swap",
    "call_in",
    "call_off",
    "change_member",
    "check_coverage",
    "close_team",
    "decide_absence",
    "decide_swap",
    "expire_swaps",
    "feed_path",
    "hand_over",
    "import_roster",
    "keep_phone",
    "lay_ahead",
    "note_position",
    "person_of_feed",
    "remove_member",
    "renew_feed",
    "save_rota",
    "save_team",
    "start_sharing",
    "stop_sharing",
    "sweep_positions",
    "withdraw_absence",
    "withdraw_swap",
]
