"""What must hold before a step: the closed vocabulary of `guards` and of `when` in process definitions.

A guard returns None where it holds, else the reason in the reader's language. Guards that need what the person enters (`LATE`) are asked when
the step is taken; the others also decide which steps are offered.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.cases import access, arrival, reference
from hues.cases.change import Change
from hues.cases.models import Case, CaseFile, Promise
from hues.city import pack
from hues.kernel.errors import Invalid

Guard = Callable[[Change, Any], str | None]
GUARDS: dict[str, Guard] = {}
LATE = frozenset({"evidence", "there", "was_there", "asked_files", "asked_words", "may_order", "chosen", "outcome_in"})


def guard(check: Guard) -> Guard:
    GUARDS[check.__name__] = check
    return check


def refusal(change: Change, guards: tuple[tuple[str, Any], ...], *, late: bool = True) -> str | None:
    """The first reason against it, or None. Without `late`, only what can be known before anything is entered."""
    for name, parameter in guards:
        if (late or name not in LATE) and (reason := GUARDS[name](change, parameter)):
            return reason
    return None


@guard
def hops_below(change: Change, most: int) -> str | None:
    """Returned to the centre less than so many times."""
    if change.case.hops < most:
        return None
    return _("It was returned twice already: now the centre decides who handles it.")


@guard
def reopened_below(change: Change, most: int) -> str | None:
    if change.case.reopened < most:
        return None
    return _("It was reopened twice already. Please file a new report and name this code.")


@guard
def within(change: Change, span: dict[str, Any]) -> str | None:
    """Not longer than `days` after the moment in the column `of`."""
    moment = getattr(change.case, span["of"])
    if moment and change.at <= moment + timedelta(days=span["days"]):
        return None
    return ngettext("This was possible for {n} day.", "This was possible for {n} days.", span["days"]).format(
        n=span["days"]
    )


@guard
def unrated(change: Change, _parameter: Any) -> str | None:
    return _("You have rated it already.") if change.case.rating else None


@guard
def has_reporter(change: Change, _parameter: Any) -> str | None:
    return None if change.case.reporter_id else _("There is nobody to ask: the report came without an account.")


@guard
def extensions_below(change: Change, most: int) -> str | None:
    clock = change.clock
    return _("It was extended twice already.") if clock and clock.extended >= most else None


@guard
def not_own(change: Change, step: str) -> str | None:
    """Whoever asked does not decide."""
    asked_by = change.case.pending.get(step, {}).get("by")
    if asked_by is not None and asked_by == str(change.actor.id):
        return _("You asked for it yourself: somebody else must decide.")
    return None


@guard
def own_limit(change: Change, limits: dict[str, Any]) -> str | None:
    """A head (or the department) may grant so many days; a centre lead any number."""
    days = change.case.pending.get(limits["step"], {}).get("days", 0)
    own = [limits[role] for role in change.roles & limits.keys()]
    if "lead" in change.roles or any(days <= most for most in own):
        return None
    return _("So many days can only be granted by the centre.")


@guard
def outcome_in(change: Change, outcomes: list[str]) -> str | None:
    outcome = change.data.get("outcome") or change.case.outcome
    return None if outcome in outcomes else _("The outcome does not allow this.")


@guard
def chosen(change: Change, wanted: dict[str, list[str]]) -> str | None:
    """A field has one of these values."""
    return (
        None
        if all(change.data.get(name) in values for name, values in wanted.items())
        else _("The choice does not allow this.")
    )


@guard
def evidence(change: Change, outcomes: list[str]) -> str | None:
    """For these outcomes: as many photos after the work as the category asks for, at least one, from this round."""
    if (change.data.get("outcome") or change.case.outcome) not in outcomes:
        return None
    needed = max(1, int(change.category.evidence.get("closing_photos") or 1))
    given = len(change.data.get("files") or ())
    if given < needed:
        after = CaseFile.objects.filter(case_id=change.case.pk, role=CaseFile.Role.AFTER)
        if change.case.assigned_at:
            after = after.filter(at__gte=change.case.assigned_at)
        given += after.count()
    if given >= needed:
        return None
    reason = ngettext(
        "This outcome needs {n} photo taken after the work.",
        "This outcome needs {n} photos taken after the work.",
        needed,
    ).format(n=needed)
    if "files" in change.step.fields:
        raise Invalid(reason, fields={"files": reason})
    return reason


@guard
def head_signs(change: Change, wanted: bool) -> str | None:
    """Whether this answer goes to the centre through the head of the agency: where the city's pack says so of the agency,
    unless it is the head who answers."""
    signs = signed_by_head(change.case) and "head" not in change.roles
    if signs == wanted:
        return None
    if signs:
        return _("Answers of this agency go to its head first.")
    return _("This answer can go to the centre directly.")


def signed_by_head(case: Case) -> bool:
    """Whether the agency of a case wants its head to read every answer."""
    agency = reference.agencies().get(case.agency_id or 0)
    listed = pack.settings().get("answers_through_head") or ()
    return agency is not None and (agency.code in listed or agency.kind in listed)


@guard
def asked_files(change: Change, name: str) -> str | None:
    """As many files in a field as the order asks for."""
    needed = int(change.case.answers.get("files") or 0)
    if len(change.data.get(name) or ()) >= needed:
        return None
    reason = ngettext("This order asks for {n} photo.", "This order asks for {n} photos.", needed).format(n=needed)
    raise Invalid(reason, fields={name: reason})


@guard
def asked_words(change: Change, wanted: dict[str, Any]) -> str | None:
    """A report in words that say something: so many different ones in the field `text`; with a file in `files` it may be shorter."""
    if change.data.get(wanted["files"]):
        return None
    words = {word.casefold() for word in re.findall(r"\w+", str(change.data.get(wanted["text"]) or ""))}
    if len(words) >= wanted["least"]:
        return None
    reason = _("Say in at least {n} words what was done and with what result, or add a photo that shows it.")
    reason = reason.format(n=wanted["least"])
    raise Invalid(reason, fields={wanted["text"]: reason})


@guard
def may_order(change: Change, name: str) -> str | None:
    """The agency in this field is one that the actor may give orders to, in the name of the office that gave this one."""
    agency = change.data.get(name)
    if agency is not None and agency.pk == change.case.agency_id:
        reason = _("This agency has it already.")
    elif agency is not None and not access.may_order(change.actor, change.case, agency.pk):
        reason = _("You cannot give orders to this agency.")
    else:
        return None
    raise Invalid(reason, fields={name: reason})


@guard
def before_first_date(change: Change, _parameter: Any) -> str | None:
    """Whoever let the first deadline pass answers for it: what is late stays where it became late."""
    due = change.case.due_original_at
    if due is None or change.at <= due:
        return None
    return _(
        "Its deadline has passed, and it counts for the agency that has it. Give the other agency an order of its own."
    )


@guard
def moves_below(change: Change, most: int) -> str | None:
    """The promised date was moved less than so many times."""
    promise = Promise.objects.filter(case_id=change.case.pk, state=Promise.State.OPEN).only("moves").first()
    if promise is None or promise.moves < most:
        return None
    return _("The date was moved twice already: now it must be kept.")


@guard
def own_move(change: Change, _parameter: Any) -> str | None:
    """Whoever goes says so themselves; the centre notes it for them where it has them on the telephone (hues.dispatch)."""
    if "officer" in change.roles or "move" in change.told:
        return None
    return _("Whoever goes says so. The centre notes it on the call list.")


@guard
def there(change: Change, within_m: int) -> str | None:
    """At the place: the position is within so many metres of it, or there is a photo from the scene."""
    case, data = change.case, change.data
    reason = arrival.refusal(case.lat, case.lon, data.get("position"), data.get("files"), within_m)
    if reason and "files" in change.step.fields:
        raise Invalid(reason, fields={"files": reason})
    return reason


@guard
def was_there(change: Change, unless: list[str]) -> str | None:
    """Somebody arrived, or a photo shows it; for these outcomes nobody has to."""
    state = change.process.states.get(change.case.state)
    if (state and state.task == "arrived") or change.data.get("files") or change.data.get("outcome") in unless:
        return None
    reason = _("Nobody has arrived yet. Say first that you are there, or add a photo from the scene.")
    raise Invalid(reason, fields={"files": reason})
