"""One decision on one case: every verb of the console ends in `cases.actions.take_step`, with its permission, version and journal entry.

accept    as the plan says (category, agency), reclassifying first where the category follows another process
assign    the same to a chosen agency; of a case that an agency has already, to another one
reject, redirect, merge, ask
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import access as sight
from hues.cases import engine, processes
from hues.cases.actions import note_read, send_message, take_step
from hues.cases.definition import Step, pick
from hues.cases.models import Case
from hues.console import access, gaps, noticing, plan
from hues.console.holding import end_hold
from hues.console.leases import take
from hues.console.models import Lease
from hues.dispatch.moving import Order
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid

VERBS = ("accept", "assign", "reject", "redirect", "merge", "ask")
_ASKING = ("ask", "ask_citizen")  # steps that ask the sender, whichever the process has here
_ACCEPTING = ("priority", "visibility", "public_body", "public_address", "public_files")


def decide(*, actor: Actor, code: str, verb: str, data: Mapping[str, Any], version: int | None = None) -> Case:
    """Take a decision and let go of the case. `version` is that of the case as the operator saw it.

    Raises NotFound, Forbidden, Conflict (a colleague has it, or was faster: says who), Invalid with the fields to mend.
    """
    access.operator(actor)
    if verb not in VERBS:
        raise Invalid(_("There is no such decision."), fields={"verb": _("This is not one of the choices.")})
    with transaction.atomic():
        case = taken(actor, code)
        done = carry_out(actor=actor, case=case, verb=verb, data=data, version=version)
        settled(actor, case)
    return done


def taken(actor: Actor, code: str) -> Case:
    """The case, locked, read, and before this operator; no decision on it waits. Raises NotFound, Conflict."""
    case = engine.lock(actor, code)
    if not take(actor, case.pk):  # says who has it, if not this operator
        raise Conflict(_others(case))
    if case.bulk_items.filter(state="waiting").exists():
        raise Conflict(_("A decision on this case is about to be carried out. Please wait a few seconds."))
    note_read(actor=actor, code=case.code)
    return case


def settled(actor: Actor, case: Case) -> None:
    """A decision was carried out: nothing holds the case any more."""
    end_hold(case)
    noticing.touched(case)
    Lease.objects.filter(case_id=case.pk, operator_id=actor.id).delete()


def outcome(done: Case, verb: str) -> str:
    """What a decision did, in a few words, in the language of whoever reads."""
    language = get_language() or "vi"
    if verb == "ask":
        return _("The sender was asked")
    if verb == "merge":
        return _("Merged into {code}").format(code=done.parent.code if done.parent else "")
    if done.agency is not None and verb in ("accept", "assign"):
        return _("Given to {agency}").format(agency=done.agency.name(language))
    state = processes.process(done.process_id).states.get(done.state)
    return pick(state.names, language) if state else done.state


def _others(case: Case) -> str:
    from hues.console.leases import of_case, whose

    lease = of_case(case.pk)
    return whose(lease) if lease else _("Somebody is changing the other case right now. Please try again.")


def carry_out(*, actor: Actor, case: Case, verb: str, data: Mapping[str, Any], version: int | None) -> Case:
    """The steps of a decision, in the transaction of the caller, who has locked the case."""
    return _DOES[verb](actor, case, data, version)


def _accept(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    chosen = {name: str(data.get(name) or "") for name in ("category", "agency")}
    team = str(data.get("team") or "")
    planned = plan.plan_for(case, **chosen, parties=bool(team))
    if not planned.step:
        raise Conflict(happened(actor, case))
    if planned.agency is None:
        reason = _("Please choose the agency that handles it.")
        raise Invalid(reason, fields={"agency": reason})
    if planned.look_twice and "public_body" not in data:
        reason = _("Please look at the public text: {words}").format(words=", ".join(planned.private[:4]))
        raise Invalid(reason, fields={"public_body": reason})
    if planned.category.process != processes.process(case.process_id).code:
        reclassified = {"category": planned.category.code}
        version = take_step(actor=actor, code=case.code, step="reclassify", data=reclassified, version=version).version
    values = {name: data[name] for name in _ACCEPTING if name in data}
    values |= {"category": planned.category.code, "agency": planned.agency.code}
    if not team:
        return take_step(actor=actor, code=case.code, step=planned.step, data=values, version=version)
    return _send(actor, case, planned, team, values, version)


def _send(
    actor: Actor, case: Case, planned: plan.Plan, team: str, values: Mapping[str, Any], version: int | None
) -> Case:
    """Accepted, and the team that the operator saw goes: its people on duty are told, with how far they have. Raises Invalid where that
    team is not on duty any more: nobody is sent whom the operator has not seen."""
    to = planned.agency.pk if planned.agency else None
    party = next((one for one in planned.parties if str(one.team_id) == team and one.agency_id == to), None)
    if party is None:
        reason = _("This team is not on duty any more. Look again whom to send.")
        raise Invalid(reason, fields={"team": reason})
    order = Order(team_id=party.team_id, distance_m=party.distance_m, minutes=party.minutes)
    change = engine.begin(actor, engine.lock(actor, case.code), planned.step, version, told={"order": order})
    engine.fill(change, values)
    engine.complete(change)
    return sight.hide(change.case, actor)


def _assign(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    if plan.accepting(case):
        return _accept(actor, case, data, version)
    values = {"agency": str(data.get("agency") or ""), "reason": str(data.get("text") or "")}
    return take_step(actor=actor, code=case.code, step="reassign", data=values, version=version)


def _reject(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    reason = str(data.get("reason") or "")
    values = {"reason": reason, "text": _said(case, data, "reject", reason)}
    return take_step(actor=actor, code=case.code, step="reject", data=values, version=version)


def _redirect(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    to = str(data.get("to") or "")
    values = {"to": to, "text": _said(case, data, "redirect", to)}
    return take_step(actor=actor, code=case.code, step="redirect", data=values, version=version)


def _merge(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    values = {"parent": str(data.get("parent") or "")}
    return take_step(actor=actor, code=case.code, step="merge", data=values, version=version)


def _ask(actor: Actor, case: Case, data: Mapping[str, Any], version: int | None) -> Case:
    """Where the process can wait for the sender, its step; else (what cannot wait) a line of the talk."""
    text = _said(case, data, "ask", "")
    if step := asking(case):
        return take_step(actor=actor, code=case.code, step=step.name, data={"question": text}, version=version)
    if not case.reporter_id:
        raise Conflict(_("There is nobody to ask: the report came without an account."))
    send_message(actor=actor, code=case.code, body=text)
    case.refresh_from_db()
    return case


def asking(case: Case) -> Step | None:
    """The step by which the centre asks the sender from where the case stands."""
    steps = processes.process(case.process_id).steps_from.get(case.state, ())
    return next((step for step in steps if step.name in _ASKING and "operator" in step.by), None)


_DOES: Mapping[str, Callable[[Actor, Case, Mapping[str, Any], int | None], Case]] = {
    "accept": _accept, "assign": _assign, "reject": _reject, "redirect": _redirect, "merge": _merge, "ask": _ask,
}  # fmt: skip


def said_to(case: Case, verb: str, data: Mapping[str, Any]) -> str:
    """What the sender would read of a decision; "" where it says nothing of its own. Raises Invalid where a gap is open."""
    match verb:
        case "reject":
            return _said(case, data, "reject", str(data.get("reason") or ""))
        case "redirect":
            return _said(case, data, "redirect", str(data.get("to") or ""))
        case "ask":
            return _said(case, data, "ask", "")
    return ""


def _said(case: Case, data: Mapping[str, Any], step: str, choice: str) -> str:
    """What the sender will read, with every gap filled. Raises Invalid where one is open, or where nothing was written."""
    text = str(data.get("text") or "").strip()
    if not text:
        reason = _("Please write something.")
        raise Invalid(reason, fields={"text": reason})
    field = {"reject": "reason", "redirect": "to"}.get(step, "")
    reason_text = gaps.choice_text(case, step, field, choice, case.language) if field else ""
    return gaps.whole(gaps.fill(text, gaps.facts(case, case.language, reason=reason_text)))


def happened(actor: Actor, case: Case) -> str:
    """Who did what, for somebody who came second."""
    return engine.what_happened(actor, case, processes.process(case.process_id))
