"""One door for what is done on the board: each verb reads its form and calls one action."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hues.command import actions
from hues.command.pages.board import actor_of, fragment, page
from hues.command.pages.forms import Refused, Sent
from hues.command.queries.board import board
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.people.decorators import staff_only

# A verb does its work and returns (what to say, the part of the page to go to, or an address).
Done = tuple[str, str]
Verb = Callable[[Actor, str, Sent], Done]
_VERBS: dict[str, Verb] = {}


def verb(name: str) -> Callable[[Verb], Verb]:
    def keep(do: Verb) -> Verb:
        _VERBS[name] = do
        return do

    return keep


@require_POST
@staff_only
def do(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Take a verb. Who may not see the incident finds nothing; what was refused comes back with what was typed."""
    chosen, actor = _VERBS.get(verb), actor_of(request)
    found = board(actor, code)
    if chosen is None:
        raise NotFound(_("There is no such page."))
    try:
        said, to = chosen(actor, code, Sent(request, verb))
    except (Invalid, Conflict, Forbidden, NotFound) as problem:  # the incident they see: a code that was typed is wrong
        detail = next((text for text in problem.fields.values() if text), "") or problem.detail
        refused = Refused(verb, request.POST, problem.fields, detail)
        messages.error(request, problem.detail)
        return page(request, board(actor, code), refused, status=problem.status)
    if request.headers.get("HX-Request"):
        return fragment(request, code, to)  # the page stays open
    if said:
        messages.success(request, said)
    return redirect(to if to.startswith("/") else f"/desk/incidents/{found.incident.code}#{to}")


@verb("log")
def _log(actor: Actor, code: str, sent: Sent) -> Done:
    actions.add_log(
        actor=actor,
        code=code,
        body=sent.get("body"),
        kind=sent.get("kind", "note") or "note",
        caller=sent.get("caller"),
        inside=bool(sent.get("inside")),
        corrects=sent.uuid("corrects"),
    )
    return "", "log"


@verb("pin")
def _pin(actor: Actor, code: str, sent: Sent) -> Done:
    actions.pin_line(actor=actor, code=code, line_id=sent.needed_uuid("line"), pinned=sent.get("pinned") == "1")
    return "", "log"


@verb("level")
def _level(actor: Actor, code: str, sent: Sent) -> Done:
    actions.set_level(actor=actor, code=code, level=sent.needed_number("level"), why=sent.get("why"))
    return _("The level is set, those concerned are told."), "head"


@verb("hand-over")
def _hand_over(actor: Actor, code: str, sent: Sent) -> Done:
    actions.hand_over(actor=actor, code=code, person_id=sent.needed_uuid("person"), note=sent.get("note"))
    return _("The command was handed over."), "head"


@verb("deputies")
def _deputies(actor: Actor, code: str, sent: Sent) -> Done:
    actions.name_deputies(actor=actor, code=code, person_ids=sent.uuids("people"))
    return _("Saved."), "head"


@verb("objective")
def _objective(actor: Actor, code: str, sent: Sent) -> Done:
    actions.add_objective(actor=actor, code=code, words=sent.get("text"), sector_id=sent.number("sector"))
    return _("Added."), "plan"


@verb("judge")
def _judge(actor: Actor, code: str, sent: Sent) -> Done:
    actions.judge_objective(
        actor=actor,
        code=code,
        objective_id=sent.needed_number("objective"),
        state=sent.get("state"),
        note=sent.get("note"),
    )
    return "", "plan"


@verb("sector")
def _sector(actor: Actor, code: str, sent: Sent) -> Done:
    actions.set_sector(
        actor=actor,
        code=code,
        name=sent.get("name"),
        sector_id=sent.number("sector"),
        agency_id=sent.number("agency"),
        leader_id=sent.uuid("leader"),
        unit_codes=sent.many("units"),
    )
    return _("Saved."), "plan"


@verb("end-sector")
def _end_sector(actor: Actor, code: str, sent: Sent) -> Done:
    actions.end_sector(actor=actor, code=code, sector_id=sent.needed_number("sector"))
    return "", "plan"


@verb("call-in")
def _call_in(actor: Actor, code: str, sent: Sent) -> Done:
    actions.call_in(actor=actor, code=code, agency_ids=[sent.needed_number("agency")])
    return _("They take part, and their heads are told."), "plan"


@verb("let-go")
def _let_go(actor: Actor, code: str, sent: Sent) -> Done:
    actions.let_go(actor=actor, code=code, agency_id=sent.needed_number("agency"))
    return "", "plan"


@verb("commit")
def _commit(actor: Actor, code: str, sent: Sent) -> Done:
    actions.commit_force(
        actor=actor,
        code=code,
        team_id=sent.needed_uuid("team"),
        gear=sent.get("gear"),
        sector_id=sent.number("sector"),
    )
    return _("Committed."), "plan"


@verb("force")
def _force(actor: Actor, code: str, sent: Sent) -> Done:
    actions.commit_force(
        actor=actor,
        code=code,
        agency_id=sent.needed_number("agency"),
        name=sent.get("name"),
        people=sent.needed_number("people"),
        gear=sent.get("gear"),
        sector_id=sent.number("sector"),
    )
    return _("Committed."), "plan"


@verb("release")
def _release(actor: Actor, code: str, sent: Sent) -> Done:
    actions.release_force(actor=actor, code=code, commitment_id=sent.needed_number("force"))
    return "", "plan"


@verb("task")
def _task(actor: Actor, code: str, sent: Sent) -> Done:
    task = actions.give_task(
        actor=actor,
        code=code,
        agency_id=sent.needed_number("agency"),
        title=sent.get("title"),
        words=sent.get("text"),
        way=sent.get("way"),
        due_at=sent.within(),
        case=sent.get("case") or None,
        sector_id=sent.number("sector"),
        objective_id=sent.number("objective"),
    )
    return _("Task {n} was given.").format(n=task.number), "tasks"


@verb("first-tasks")
def _first(actor: Actor, code: str, sent: Sent) -> Done:
    given = actions.give_first_tasks(actor=actor, code=code, chosen=sent.many("tasks"))
    return ngettext("{n} task was given.", "{n} tasks were given.", len(given)).format(n=len(given)), "tasks"


@verb("call-off")
def _call_off(actor: Actor, code: str, sent: Sent) -> Done:
    actions.call_off_task(actor=actor, code=code, task_id=sent.needed_uuid("task"), why=sent.get("why"))
    return _("Called off."), "tasks"


@verb("remains")
def _remains(actor: Actor, code: str, sent: Sent) -> Done:
    """Of a task, or of a linked case."""
    words, category = sent.get("text"), sent.get("category")
    if task_id := sent.uuid("task"):
        task = actions.hand_over_task(actor=actor, code=code, task_id=task_id, words=words, category=category)
        other = task.remains.code if task.remains else ""
        return _("What remains goes on as {case}.").format(case=other), "tasks"
    case = actions.leave_case(actor=actor, code=code, case=sent.get("case"), words=words, category=category)
    return _("What remains goes on as {case}.").format(case=case.code), "cases"


@verb("link")
def _link(actor: Actor, code: str, sent: Sent) -> Done:
    actions.link_case(actor=actor, code=code, case=sent.get("case"))
    return "", "cases"


@verb("link-many")
def _link_many(actor: Actor, code: str, sent: Sent) -> Done:
    chosen = sent.many("cases")
    if sent.get("not_of_it"):
        count = actions.pass_cases(actor=actor, code=code, cases=chosen)
        return ngettext("{n} is not offered again.", "{n} are not offered again.", count).format(n=count), "cases"
    count = actions.link_cases(actor=actor, code=code, cases=chosen)
    return ngettext("{n} report was linked.", "{n} reports were linked.", count).format(n=count), "cases"


@verb("unlink")
def _unlink(actor: Actor, code: str, sent: Sent) -> Done:
    actions.unlink_case(actor=actor, code=code, case=sent.get("case"), why=sent.get("why"))
    return "", "cases"


@verb("link-call")
def _link_call(actor: Actor, code: str, sent: Sent) -> Done:
    actions.link_call(actor=actor, code=code, call_id=sent.get("call"))
    return "", "cases"


@verb("unlink-call")
def _unlink_call(actor: Actor, code: str, sent: Sent) -> Done:
    actions.unlink_call(actor=actor, code=code, call_id=sent.get("call"))
    return "", "cases"


@verb("sitrep")
def _sitrep(actor: Actor, code: str, _sent: Sent) -> Done:
    drafted = actions.draft_sitrep(actor=actor, code=code)
    return _("A draft is ready: look through it."), f"/desk/incidents/{code}/sitrep/{drafted.number}"


@verb("approve")
def _approve(actor: Actor, code: str, sent: Sent) -> Done:
    actions.approve_bulletin(actor=actor, code=code, number=sent.needed_number("number"))
    return _("Approved."), "papers"


@verb("stand-down")
def _stand_down(actor: Actor, code: str, sent: Sent) -> Done:
    actions.stand_down(actor=actor, code=code, why=sent.get("why"))
    return _("Stood down. Now look back: what went well, what is to be mended?"), f"/desk/incidents/{code}/review"


@verb("demote")
def _demote(actor: Actor, code: str, sent: Sent) -> Done:
    actions.demote_incident(actor=actor, code=code, why=sent.get("why"))
    return _("Taken back."), "head"


@verb("resume")
def _resume(actor: Actor, code: str, sent: Sent) -> Done:
    actions.resume(actor=actor, code=code, why=sent.get("why"))
    return _("It goes on, a new period has begun."), "head"
