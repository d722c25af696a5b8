"""Who acts. Every write names an actor; every read that depends on the viewer takes one."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Kind = Literal["guest", "citizen", "staff", "key", "system"]

CITIZEN, HELPER, VOLUNTEER, OFFICER, HEAD, OPERATOR, LEAD, ADMINISTRATOR, AUDITOR = (
    "citizen", "helper", "volunteer", "officer", "head", "operator", "lead", "administrator", "auditor",
)  # fmt: skip
AGENCY_ROLES = frozenset({OFFICER, HEAD})
CENTRE_ROLES = frozenset({OPERATOR, LEAD})


@dataclass(frozen=True)
class Grant:
    """A role, in an agency where the role belongs to one (officer, head)."""

    role: str
    agency_id: int | None = None


@dataclass(frozen=True)
class Actor:
    kind: Kind
    id: UUID | None = None
    name: str = ""  # as staff see it; for a citizen the pseudonym, never the person's name
    grants: frozenset[Grant] = frozenset()
    language: str = "vi"
    scopes: frozenset[str] = field(default=frozenset())  # of an API key
    restricted: bool = False  # a citizen's account with a limit or a lock in force (hues.people.conduct)

    def has(self, *roles: str) -> bool:
        return any(grant.role in roles for grant in self.grants)

    @property
    def in_centre(self) -> bool:
        return self.has(*CENTRE_ROLES)

    @property
    def agency_ids(self) -> frozenset[int]:
        """Agencies this person works for as officer or head."""
        return frozenset(g.agency_id for g in self.grants if g.role in AGENCY_ROLES and g.agency_id is not None)

    def heads(self, agency_id: int) -> bool:
        return Grant(HEAD, agency_id) in self.grants


SYSTEM = Actor("system", name="Hue-S")
GUEST = Actor("guest")
