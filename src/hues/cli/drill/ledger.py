"""What was promised to somebody during a drill, and what is found of it afterwards."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hues.cases.models import Case
from hues.command.models import Incident
from hues.dispatch import ladders
from hues.dispatch.models import State, Task
from hues.hotline.models import Call, CallEvent
from hues.kernel.models import JournalEntry


@dataclass(frozen=True)
class Sent:
    """A party that was sent, and when it accepted: by that the steps are known that its ladder had to climb."""

    code: str
    task_id: UUID
    sent_at: datetime
    accepted_at: datetime


@dataclass(frozen=True)
class Check:
    what: str
    wanted: int
    found: int
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.wanted == self.found and not self.missing


@dataclass
class Ledger:
    """Codes and ids as they were acknowledged; `checks` looks for each of them in the city."""

    reports: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    by_phone: list[str] = field(default_factory=list)  # reports that operators filed for callers
    events: int = 0  # of telephones, each once
    merged: dict[str, str] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    incident: str = ""
    linked: set[str] = field(default_factory=set)
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks())

    def checks(self) -> list[Check]:
        return [
            self._cases("reports that citizens sent", self.reports),
            self._cases("reports filed for callers", self.by_phone),
            Check("cases in the city", len(self.reports) + len(self.by_phone) + self._opened_by_command(), Case.objects.count()),
            self._opened(),
            self._calls(),
            Check("events of telephones", self.events, CallEvent.objects.filter(source="drill").exclude(kind="timeout").count()),
            self._merges(),
            self._tasks(),
            self._ladder(),
            self._spare_steps(),
            self._incident(),
            self._links(),
        ]  # fmt: skip

    def lines(self) -> Iterator[str]:
        for check in self.checks():
            sign = "ok  " if check.holds else "LOST"
            yield f"{sign} {check.what}: {check.found:,} of {check.wanted:,}" + "".join(
                f"\n       {one}" for one in check.missing[:10]
            )
        steps = Counter(self.expected_steps().values())
        yield f"     ladders climbed: {sum(steps.values())} times by {len(self.sent)} tasks"

    def _cases(self, what: str, codes: list[str]) -> Check:
        known = set(Case.objects.filter(code__in=codes).values_list("code", flat=True))
        return Check(what, len(set(codes)), len(known), tuple(sorted(set(codes) - known)))

    def _opened_by_command(self) -> int:
        return (
            Case.objects.filter(channel__in=("command", "order")).count()
            + Case.objects.exclude(origin=None).exclude(channel__in=("command", "order")).count()
        )

    def _opened(self) -> Check:
        """Each case begins with an entry in the journal."""
        begun = JournalEntry.objects.filter(action="case.opened", subject_kind="case").values("subject_id")
        without = Case.objects.exclude(pk__in=begun).values_list("code", flat=True)
        return Check(
            "cases that begin in the journal",
            Case.objects.count(),
            Case.objects.filter(pk__in=begun).count(),
            tuple(without),
        )

    def _calls(self) -> Check:
        found = Call.objects.filter(source="drill", source_id__in=self.calls)
        open_ones = tuple(found.filter(ended_at=None).values_list("code", flat=True))
        return Check("calls, each once and closed", len(self.calls), found.count(), open_ones)

    def _merges(self) -> Check:
        rows = dict(Case.objects.filter(code__in=self.merged).values_list("code", "parent__code"))
        wrong = tuple(code for code, into in self.merged.items() if rows.get(code) != into)
        return Check("duplicates kept beside their original", len(self.merged), len(rows), wrong)

    def _tasks(self) -> Check:
        tasks = Task.objects.filter(pk__in=[one.task_id for one in self.sent]).select_related("case")
        unfinished = tuple(f"{task.case.code} {task.state}" for task in tasks if task.state != State.DONE)
        return Check("immediate tasks done", len(self.sent), len(tasks) - len(unfinished), unfinished)

    def expected_steps(self) -> dict[tuple[str, str], str]:
        """(case, step of the ladder) for every step whose minute came before somebody accepted."""
        from hues.cases import processes

        found: dict[tuple[str, str], str] = {}
        for case in Case.objects.filter(code__in=[one.code for one in self.sent]).only("code", "process_id"):
            rules = [
                r for r in ladders.rules(processes.process(case.process_id)).values() if r.ladder == ladders.ACCEPT
            ]
            for one in (row for row in self.sent if row.code == case.code):
                waited = (one.accepted_at - one.sent_at).total_seconds() / 60
                found |= {(case.code, rule.kind): rule.kind for rule in rules if rule.minutes < waited}
        return found

    def _climbed(self) -> Counter[tuple[str, str]]:
        codes = dict(Case.objects.filter(code__in=[one.code for one in self.sent]).values_list("pk", "code"))
        entries = JournalEntry.objects.filter(action="case.timer", subject_id__in=codes).values_list(
            "subject_id", "parts"
        )
        kinds = ((codes[case_id], parts["staff"]["kind"]) for case_id, parts in entries)
        return Counter((code, kind) for code, kind in kinds if kind.removeprefix("ladder-").isdigit())

    def _ladder(self) -> Check:
        climbed, expected = self._climbed(), self.expected_steps()
        missing = tuple(f"{code}: {kind}" for code, kind in expected if climbed[code, kind] != 1)
        return Check(
            "steps of ladders in the journal, each once", len(expected), sum(climbed[key] for key in expected), missing
        )

    def _spare_steps(self) -> Check:
        spare = self._climbed().keys() - self.expected_steps().keys()
        return Check(
            "steps climbed that nobody waited for", 0, len(spare), tuple(f"{code}: {kind}" for code, kind in spare)
        )

    def _incident(self) -> Check:
        closed = Incident.objects.filter(code=self.incident, state="closed").count()
        return Check("incident, stood down, reviewed and closed", 1, closed)

    def _links(self) -> Check:
        linked = set(
            Case.objects.filter(incident_links__incident__code=self.incident, code__in=self.linked).values_list(
                "code", flat=True
            )
        )
        return Check("cases linked to the incident", len(self.linked), len(linked), tuple(sorted(self.linked - linked)))
