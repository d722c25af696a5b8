"""Accounts of the sample city: staff of every role with a published password, citizens with numbers of the sandbox."""

from django.conf import settings

from hues.cases import reference
from hues.cli.demo.texts import Texts
from hues.kernel.actors import SYSTEM, Actor
from hues.people.actions import create_staff, grant_role, open_account
from hues.people.models import User
from hues.people.queries import actor_for, citizen_by_phone


class Staff:
    """Who acts for whom. Agencies that the list does not name get an officer when they first have something to do."""

    def __init__(self, texts: Texts) -> None:
        self.password: str = texts.accounts["password"]
        self._by_agency: dict[int, list[Actor]] = {}
        self._named: dict[str, Actor] = {}
        for row in texts.accounts["staff"]:
            self._make(row["username"], row["name"], row["role"], row.get("agency", ""))

    def _make(self, username: str, name: str, role: str, agency: str) -> Actor:
        user = User.objects.filter(username=username).first()
        if user is None:
            user = create_staff(
                actor=SYSTEM, username=username, password=self.password, display_name=name, is_sample=True
            )
            grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency)
        actor = actor_for(user)
        self._named[username] = actor
        for agency_id in actor.agency_ids:
            self._by_agency.setdefault(agency_id, []).append(actor)
        return actor

    def named(self, username: str) -> Actor:
        return self._named[username]

    @property
    def operators(self) -> list[Actor]:
        return [actor for actor in self._named.values() if actor.in_centre]

    @property
    def lead(self) -> Actor:
        return next(actor for actor in self._named.values() if actor.has("lead"))

    def officers(self, agency_id: int) -> list[Actor]:
        """Officers of an agency (not its heads), at least one."""
        found = [actor for actor in self._by_agency.get(agency_id, ()) if not actor.heads(agency_id)]
        if not found:
            agency = reference.agencies()[agency_id]
            name = f"Cán bộ {agency.name('vi')} (mẫu)"[:120]
            found = [self._make(f"cb.{agency.code.lower()}", name, "officer", agency.code)]
        return found

    def head(self, agency_id: int) -> Actor:
        """The head of an agency, made where the sample names none."""
        found = next((actor for actor in self._by_agency.get(agency_id, ()) if actor.heads(agency_id)), None)
        if found is None:
            agency = reference.agencies()[agency_id]
            name = f"Lãnh đạo {agency.name('vi')} (mẫu)"[:120]
            found = self._make(f"ld.{agency.code.lower()}", name, "head", agency.code)
        return found


def open_citizens(texts: Texts) -> list[User]:
    """Citizens who can sign in: their numbers are of the sandbox, whose messages are shown on a developer page."""
    phones = texts.accounts["phones"]
    return [citizen(f"{phones['prefix']}{number:03}") for number in range(1, phones["count"] + 1)]


def citizen(phone: str) -> User:
    return citizen_by_phone(phone) or open_account(number=phone, language=settings.LANGUAGE_CODE, is_sample=True)
