"""Every write of the channel: filing a report, and drafts."""

from hues.reports.actions.drafts import (
    DRAFT_FIELDS,
    DRAFT_LIFE,
    check_draft,
    draft_key,
    purge_drafts,
    start_draft,
    submit_draft,
    update_draft,
)
from hues.reports.actions.filing import MAX_FILES, check_may_file, check_report, file_report, point_of_address
from hues.reports.queries import find_draft

__all__ = [
    "DRAFT_FIELDS",
    "DRAFT_LIFE",
    "MAX_FILES",
    "check_draft",
    "check_may_file",
    "check_report",
    "draft_key",
    "file_report",
    "find_draft",
    "point_of_address",
    "purge_drafts",
    "start_draft",
    "submit_draft",
    "update_draft",
]
