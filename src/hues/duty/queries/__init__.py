"""Reads: who is on duty, the week of a roster, somebody's own shifts, gaps, the nearest team."""

from hues.duty.queries.candidates import Candidate, candidates
from hues.duty.queries.gaps import Gap, gaps
from hues.duty.queries.mine import Mine, mine, shift_for, shifts_of, swap_for
from hues.duty.queries.near import BUSY, NearTeam, nearest
from hues.duty.queries.now import (
    Handover,
    OnDuty,
    chiefs,
    current_shift,
    handover,
    on_duty,
    on_duty_everywhere,
    people_on_duty,
    phone_of,
    shift_leads,
)
from hues.duty.queries.teams import agencies_with_teams, members_of, own_agencies, staff_of, team_for, teams_of
from hues.duty.queries.week import Week, week

__all__ = [
    "BUSY",
    "Candidate",
    "Gap",
    "Handover",
    "Mine",
    "NearTeam",
    "OnDuty",
    "Week",
    "agencies_with_teams",
    "candidates",
    "chiefs",
    "current_shift",
    "gaps",
    "handover",
    "members_of",
    "mine",
    "nearest",
    "on_duty",
    "on_duty_everywhere",
    "own_agencies",
    "people_on_duty",
    "phone_of",
    "shift_for",
    "shift_leads",
    "shifts_of",
    "staff_of",
    "swap_for",
    "team_for",
    "teams_of",
    "week",
]
