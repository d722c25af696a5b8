"""A decision that can be taken back for some seconds: until then nothing is done and nobody is told. Of many cases here, of one in `alone`.

`start_bulk` only writes down what is meant. `fire_bulks` carries it out when its moment has come: each case in a transaction of its own, with
its own journal entry, exactly once; a case that has changed meanwhile fails alone, and the operator is told why. All of it is rows: it survives
a restart, late rather than never.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from hues.cases import access as sight
from hues.cases import engine
from hues.cases.models import Case
from hues.console import access, deciding, leases, noticing, plan
from hues.console.holding import end_hold
from hues.console.models import Bulk, BulkItem, Lease
from hues.console.pack import console
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound, Problem
from hues.people.queries import account, actor_for

log = logging.getLogger(__name__)

MOST = 100
VERBS = ("accept", "assign", "reject", "redirect", "merge")
_KEPT = ("category", "agency", "reason", "to", "text", "parent")
# What stays when a decision has ended: no words of or to anybody.
_CODES = ("category", "agency", "team", "reason", "to", "parent")


def start_bulk(*, actor: Actor, verb: str, chosen: Sequence[tuple[str, int]], data: Mapping[str, Any]) -> Bulk:
    """Write down a decision on many cases (code and version as the operator saw them), to be carried out when the undo window is over.

    All or nothing: raises Invalid with `fields["codes"]` naming the cases that need a look of their own, Forbidden, Conflict.
    """
    access.operator(actor)
    if verb not in VERBS:
        raise Invalid(_("There is no such decision."), fields={"verb": _("This is not one of the choices.")})
    versions = {engine.normal_code(code): version for code, version in chosen if engine.is_code(code)}
    if not versions or len(versions) > MOST:
        reason = _("Please choose between 1 and {most} reports.").format(most=MOST)
        raise Invalid(reason, fields={"codes": reason})
    kept = {name: str(data[name]) for name in _KEPT if data.get(name)}
    with transaction.atomic():
        cases = list(
            Case.objects.select_for_update(of=("self",))
            .filter(sight.visible_to(actor), code__in=versions)
            .order_by("priority", "received_at", "id")
        )
        if len(cases) != len(versions):
            raise engine.no_case()
        _check(actor, verb, cases, versions, kept)
        return _keep(actor, verb, cases, kept)


def _check(
    actor: Actor, verb: str, cases: Sequence[Case], versions: Mapping[str, int], data: Mapping[str, Any]
) -> None:
    """Raises Invalid naming every case that cannot be decided like that."""
    at_it = {
        lease.case_id: lease
        for lease in Lease.objects.filter(case_id__in=[case.pk for case in cases], until__gt=clock.now())
        .exclude(operator_id=actor.id)
        .select_related("operator")
    }
    busy = set(
        BulkItem.objects.filter(case_id__in=[case.pk for case in cases], state="waiting").values_list(
            "case_id", flat=True
        )
    )
    wrong: list[str] = []
    fields: dict[str, str] = {}
    for case in cases:
        reason = ""
        if case.pk in at_it:
            reason = at_it[case.pk].operator.name
        elif case.pk in busy:
            reason = _("decided already")
        elif case.version != versions[case.code]:
            reason = _("changed meanwhile")
        else:
            try:
                reason = _obstacle(case, verb, data)
            except Invalid as problem:
                fields |= problem.fields
                reason = next(iter(problem.fields.values()), problem.detail)
        if reason:
            wrong.append(f"{case.code} ({reason})")
    if wrong:
        text = _("These need a look of their own: {codes}").format(codes="; ".join(wrong[:8]))
        raise Invalid(text, fields={**fields, "codes": text})


def _obstacle(case: Case, verb: str, data: Mapping[str, Any]) -> str:
    """Why a case cannot be decided with others; "" where it can. Raises Invalid for what is wrong with the data."""
    if verb == "merge":
        parent = Case.objects.filter(code=engine.normal_code(str(data.get("parent") or ""))).first()
        if parent is None or not parent.is_open or parent.state == "merged":
            raise Invalid(_("There is no such report."), fields={"parent": _("There is no such report.")})
        return _("is the one that stays") if parent.pk == case.pk else ""
    if verb in ("reject", "redirect"):
        deciding.said_to(case, verb, data)
        return "" if plan.accepting(case) else _("past that")
    if verb == "assign" and not data.get("agency"):
        reason = _("Please choose the agency that handles it.")
        raise Invalid(reason, fields={"agency": reason})
    planned = plan.plan_for(case, category=data.get("category", ""), agency=data.get("agency", ""))
    if not planned.step:
        return "" if verb == "assign" and case.phase == "handling" else _("past that")
    if planned.agency is None:
        return _("no agency")
    return _("something private in the text") if planned.look_twice else ""


def _keep(actor: Actor, verb: str, cases: Sequence[Case], data: Mapping[str, Any]) -> Bulk:
    bulk = write_down(actor, verb, cases, data)
    tell(bulk, actor, "begun", {"reports": len(cases), "verb": verb})
    return bulk


def write_down(actor: Actor, verb: str, cases: Sequence[Case], data: Mapping[str, Any], said: str = "") -> Bulk:
    """What is meant, to be carried out when the undo window is over; the cases are this operator's until then. The caller has locked them."""
    from hues.console.jobs import carry_out_at

    now = clock.now()
    bulk = Bulk.objects.create(
        by_id=access.operator(actor), verb=verb, data=dict(data), said=said[:200], at=now, due_at=now + console().undo
    )
    BulkItem.objects.bulk_create(BulkItem(bulk=bulk, case=case, version=case.version) for case in cases)
    for case in cases:
        leases.take(actor, case.pk, until=bulk.due_at + leases.LASTS)
    carry_out_at(bulk.due_at)
    return bulk


def undo_bulk(*, actor: Actor, bulk_id: UUID) -> Bulk:
    """Take a decision back. Raises NotFound for others', Conflict once its window is over (then it is being done or was done), or where
    somebody else moved the one case meanwhile: says who."""
    with transaction.atomic():
        bulk = Bulk.objects.select_for_update().filter(pk=bulk_id, by_id=actor.id).first()
        if bulk is None:
            raise NotFound(_("There is no such decision."))
        if bulk.state == Bulk.State.UNDONE:
            return bulk
        if bulk.state != Bulk.State.WAITING or bulk.due_at <= clock.now():
            raise Conflict(
                _("Too late to take it back: it is carried out, and people are told. Open the reports to change them.")
            )
        cases = [item.case for item in bulk.items.select_related("case")]
        if bulk.alone:
            _nobody_acted(actor, bulk, cases[0])
        bulk.items.update(state=BulkItem.State.UNDONE)
        _end(bulk, Bulk.State.UNDONE)
        _let_go(actor, bulk, cases)
        _tell_undone(actor, bulk, cases)
    return bulk


def _nobody_acted(actor: Actor, bulk: Bulk, case: Case) -> None:
    """Raises Conflict where the case is no longer where it was decided: then nothing is waiting to be taken back. What its sender adds does
    not count: that is a reason to take a decision back."""
    if (case.state, case.agency_id) != (bulk.data.get("from_state"), bulk.data.get("from_agency")):
        raise Conflict(deciding.happened(actor, case))


def _end(bulk: Bulk, state: Bulk.State) -> None:
    """It waits no longer. The words that went with it are forgotten: what was sent stands in the case."""
    bulk.state, bulk.ended_at = state, clock.now()
    bulk.data = {name: value for name, value in bulk.data.items() if name in _CODES}
    bulk.save(update_fields=["state", "ended_at", "data"])


def _let_go(actor: Actor, bulk: Bulk, cases: Sequence[Case]) -> None:
    """Many are anybody's again; one alone stays before whoever took it back, as if it had just been opened."""
    ids = [case.pk for case in cases]
    Lease.objects.filter(case_id__in=ids, operator_id=actor.id).delete()
    if bulk.alone:
        leases.take(actor, ids[0])


def _tell_undone(actor: Actor, bulk: Bulk, cases: Sequence[Case]) -> None:
    if not bulk.alone:
        tell(bulk, actor, "undone", {"reports": len(cases), "verb": bulk.verb})
        return
    case = cases[0]
    journal.record(
        actor=actor,
        action="case.taken_back",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre", f"person:{bulk.by_id}"],
        centre={
            "said": {
                "vi": "Hoàn tác quyết định trước khi thực hiện",
                "en": "A decision was taken back before it was carried out",
            },
            "verb": bulk.verb,
            "decided_at": bulk.at.isoformat(),
        },
    )


# Carrying out


def fire_bulks(limit: int = 500) -> int:
    """Carry out what is due; returns how many cases were settled. Any number of workers may call it at once."""
    settled = 0
    while settled < limit and _settle_one():
        settled += 1
    for bulk in Bulk.objects.filter(state=Bulk.State.WAITING, due_at__lte=clock.now()).exclude(items__state="waiting"):
        _finish(bulk.pk)
    return settled


def _settle_one() -> bool:
    """The next case of a decision that is due, in one transaction: the step and the mark that it was taken. False where none is left."""
    with transaction.atomic():
        due = BulkItem.objects.filter(state="waiting", bulk__state=Bulk.State.WAITING, bulk__due_at__lte=clock.now())
        due = due.select_for_update(skip_locked=True, of=("self",)).select_related("bulk", "case")
        item = due.order_by("bulk__due_at", "pk").first()
        if item is None:
            return False
        actor = actor_for(account(item.bulk.by_id))
        item.state = BulkItem.State.DONE
        with override(actor.language):
            try:
                with transaction.atomic():
                    _carry_out(actor, item)
            except Problem as problem:
                item.state = BulkItem.State.FAILED
                item.said = (next(iter(problem.fields.values()), "") or problem.detail)[:500]
            except Exception:
                log.exception(
                    "a case of a bulk decision failed", extra={"bulk": str(item.bulk_id), "case": item.case.code}
                )
                item.state = BulkItem.State.FAILED
                item.said = _("Something broke on our side. Please try again in a minute.")
        item.save(update_fields=["state", "said"])
    return True


def _carry_out(actor: Actor, item: BulkItem) -> None:
    case = engine.lock(actor, item.case.code)
    bulk = item.bulk
    deciding.carry_out(actor=actor, case=case, verb=bulk.verb, data=bulk.data, version=item.version)
    end_hold(case)
    noticing.touched(case)


def _finish(bulk_id: UUID) -> None:
    with transaction.atomic():
        bulk = Bulk.objects.select_for_update(skip_locked=True).filter(pk=bulk_id, state=Bulk.State.WAITING).first()
        if bulk is None or bulk.items.filter(state="waiting").exists():
            return
        _end(bulk, Bulk.State.DONE)
        items = list(bulk.items.select_related("case"))
        Lease.objects.filter(case_id__in=[item.case_id for item in items], operator_id=bulk.by_id).delete()
        failed = [item for item in items if item.state == BulkItem.State.FAILED]
        if bulk.alone and not failed:
            return  # the step itself stands in the journal of the case
        facts = {"reports": len(items), "failed": [item.case.code for item in failed], "verb": bulk.verb}
        tell(bulk, actor_for(account(bulk.by_id)), "done", facts, _notices(bulk, failed))


def _notices(bulk: Bulk, failed: Sequence[BulkItem]) -> list[journal.Notify]:
    if not failed:
        return []
    texts = {}
    for language in ("vi", "en"):
        with override(language):
            one = ngettext(
                "{n} report could not be decided with the others: {codes}",
                "{n} reports could not be decided with the others: {codes}",
                len(failed),
            )
            if bulk.alone:
                one = _("{code} was not done: {why}").format(code=failed[0].case.code, why=failed[0].said)
            listed = "; ".join(f"{item.case.code} – {item.said}" for item in failed[:6])
            texts[language] = (one if bulk.alone else one.format(n=len(failed), codes=listed))[:400]
    link = f"/desk/triage?case={failed[0].case.code}"
    return [journal.Notify(bulk.by_id, "bulk.failed", link, {"code": failed[0].case.code, "texts": texts})]


def tell(bulk: Bulk, actor: Actor, what: str, facts: Mapping[str, Any], notify: Sequence[journal.Notify] = ()) -> None:
    journal.record(
        actor=actor,
        action=f"bulk.{what}",
        subject_kind="bulk",
        subject_id=bulk.pk,
        topics=["centre", f"person:{bulk.by_id}"],
        centre=facts,
        notify=notify,
    )
