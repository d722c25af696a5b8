"""The people of these stories, and the case that most of them are about: a street light that is out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hues.cases import actions, reference
from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, CITIZEN, HEAD, LEAD, OFFICER, OPERATOR, Actor, Grant
from hues.kernel.ids import new_id
from hues.kernel.models import JournalEntry, StoredFile
from hues.people.models import Membership, User
from hues.people.queries import today

MONDAY = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in Huế, an ordinary working day
INSIDE = {"lat": 16.4637, "lon": 107.5909}


def make_user(kind: str, name: str) -> User:
    return User.objects.create(kind=kind, username=f"{name}-{new_id().hex[-8:]}", display_name=name, created_at=MONDAY)


@dataclass
class People:
    """Accounts with their roles in the database, as notifications find them."""

    made: dict[tuple[str, int | None], Actor] = field(default_factory=dict)

    def citizen(self) -> Actor:
        user = make_user("citizen", "dan")
        return Actor("citizen", user.pk, user.name, frozenset({Grant(CITIZEN)}))

    def staff(self, role: str, agency: Agency | None = None) -> Actor:
        key = (role, agency.pk if agency else None)
        if key not in self.made:
            user = make_user("staff", role)
            Membership.objects.create(user=user, role=role, agency=agency, valid_from=today())
            self.made[key] = Actor("staff", user.pk, user.name, frozenset({Grant(role, agency.pk if agency else None)}))
        return self.made[key]

    @property
    def operator(self) -> Actor:
        return self.staff(OPERATOR)

    @property
    def lead(self) -> Actor:
        return self.staff(LEAD)

    @property
    def auditor(self) -> Actor:
        return self.staff(AUDITOR)

    def officer(self, agency: Agency) -> Actor:
        return self.staff(OFFICER, agency)

    def head(self, agency: Agency) -> Actor:
        return self.staff(HEAD, agency)


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    """Nothing here depends on the day on which the tests run."""
    with clock.at(MONDAY):
        yield


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def citizen(people: People) -> Actor:
    return people.citizen()


@pytest.fixture
def lights() -> Agency:
    """Who looks after street lights."""
    return reference.agencies_by_code()["CVX"]


@pytest.fixture
def open_case(citizen: Actor) -> Callable[..., Case]:
    def make(**changes: Any) -> Case:
        given = {"actor": citizen, "category": "DT01", "body": "Đèn đường trước nhà không sáng.", **INSIDE}
        category = reference.categories_by_code().get(str(changes.get("category")))
        if category and category.evidence.get("photos_required") and "file_ids" not in changes:
            changes["file_ids"] = [upload(citizen.id)]
        return actions.open_case(**{**given, "address": "27 Lê Lợi", **changes})

    return make


@dataclass
class Way:
    """One case and the people around it; `take` is the engine's one door."""

    people: People
    citizen: Actor
    agency: Agency
    code: str

    @property
    def case(self) -> Case:
        return Case.objects.get(code=self.code)

    @property
    def officer(self) -> Actor:
        return self.people.officer(self.agency)

    @property
    def head(self) -> Actor:
        return self.people.head(self.agency)

    @property
    def operator(self) -> Actor:
        return self.people.operator

    def take(self, actor: Actor, step: str, data: dict[str, Any] | None = None, **more: Any) -> Case:
        return actions.take_step(actor=actor, code=self.code, step=step, data=data, **more)

    def accepted(self) -> "Way":
        self.take(self.operator, "accept", {"agency": self.agency.code})
        return self

    def started(self) -> "Way":
        self.accepted().take(self.officer, "start")
        return self

    def answered(self, **data: Any) -> "Way":
        self.started().take(self.officer, "answer", {**self.a_fix(), **data})
        return self

    def published(self, **data: Any) -> "Way":
        self.answered(**data).take(self.operator, "publish")
        return self

    def a_fix(self) -> dict[str, Any]:
        photo = upload(self.officer.id)
        return {"outcome": "fixed_with_evidence", "text": "Đã thay bóng, đèn sáng lại bình thường.", "files": [photo]}


@pytest.fixture
def way(people: People, citizen: Actor, lights: Agency, open_case: Callable[..., Case]) -> Way:
    return Way(people, citizen, lights, open_case().code)


def upload(owner: UUID | None, draft_key: str = "") -> UUID:
    """A stored photo of this person."""
    made = StoredFile.objects.create(
        at=clock.now(),
        owner_id=owner,
        draft_key=draft_key,
        media_type="image/jpeg",
        size=10,
        sha256="0" * 64,
        upload_sha256="0" * 64,
    )
    return made.pk


def journal_of(case: Case) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(subject_id=case.pk).order_by("id"))


def told(entry: JournalEntry) -> set[UUID]:
    """Who is told by an entry."""
    return {UUID(str(notice["person_id"])) for notice in entry.parts.get("notify", ())}


@contextmanager
def at_most(statements: int) -> Iterator[CaptureQueriesContext]:
    """The block costs at most so many SQL statements."""
    with CaptureQueriesContext(connection) as captured:
        yield captured
    made = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(made) <= statements, "\n".join([f"{len(made)} statements, at most {statements}:", *made])
