"""Files join a case: only one's own, only once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import ngettext

from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid

_ATTACH = """
insert into cases_casefile (case_id, file_id, role, public, caption, at, added_by_kind)
select %(case)s, id, %(role)s, false, alt, %(at)s, %(kind)s from kernel_storedfile
where id = any(%(ids)s)
  and (owner_id = %(owner)s or (owner_id is null and draft_key = %(draft)s and %(draft)s <> ''))
order by array_position(%(ids)s, id)
on conflict (file_id) do nothing returning file_id
"""


def attach(
    case_id: UUID,
    file_ids: Sequence[UUID],
    *,
    actor: Actor,
    role: str,
    at: datetime,
    draft_key: str = "",
    field: str = "files",
) -> None:
    """Put uploads of this actor (or of this guest's draft) into a case. One statement. Raises Invalid on `field`."""
    ids = list(dict.fromkeys(file_ids))
    if not ids:
        return
    values: dict[str, Any] = {
        "case": case_id, "role": role, "at": at, "kind": actor.kind, "ids": ids, "owner": actor.id, "draft": draft_key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ATTACH, values)
        missing = len(ids) - cursor.rowcount
    if missing:
        reason = ngettext(
            "{n} file is not there any more. Please add it again.",
            "{n} files are not there any more. Please add them again.",
            missing,
        ).format(n=missing)
        raise Invalid(reason, fields={field: reason})
