"""Every write. Each checks the actor's stand, locks the incident, changes, and writes one entry into the journal, in one transaction."""

from hues.command.actions.ending import (
    StillOpen,
    add_review_point,
    close_incident,
    demote_incident,
    drop_review_point,
    leave_case,
    resume,
    stand_down,
    write_review,
)
from hues.command.actions.linking import link_call, link_case, link_cases, pass_cases, unlink_call, unlink_case
from hues.command.actions.log import add_log, pin_line
from hues.command.actions.opening import open_incident
from hues.command.actions.papers import (
    approve_bulletin,
    draft_sitrep,
    prepare_bulletin,
    sign_sitrep,
    write_sitrep,
)
from hues.command.actions.periods import begin_due_periods
from hues.command.actions.plan import (
    add_objective,
    commit_force,
    end_sector,
    judge_objective,
    release_force,
    set_sector,
)
from hues.command.actions.running import call_in, change_area, hand_over, let_go, name_deputies, set_level
from hues.command.actions.tasks import call_off_task, give_first_tasks, give_task, hand_over_task

__all__ = [
    "StillOpen",
    "add_log",
    "add_objective",
    "add_review_point",
    "approve_bulletin",
    "begin_due_periods",
    "call_in",
    "call_off_task",
    "change_area",
    "close_incident",
    "commit_force",
    "demote_incident",
    "draft_sitrep",
    "drop_review_point",
    "end_sector",
    "give_first_tasks",
    "give_task",
    "hand_over",
    "hand_over_task",
    "judge_objective",
    "leave_case",
    "let_go",
    "link_call",
    "link_case",
    "link_cases",
    "name_deputies",
    "open_incident",
    "pass_cases",
    "pin_line",
    "prepare_bulletin",
    "release_force",
    "resume",
    "set_level",
    "set_sector",
    "sign_sitrep",
    "stand_down",
    "unlink_call",
    "unlink_case",
    "write_review",
    "write_sitrep",
]
