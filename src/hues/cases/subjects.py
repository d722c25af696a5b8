"""What the room of people may know of cases (`hues.people.subjects`): whose a case is, and who abuses the city's ear."""

from datetime import timedelta
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max

from hues.cases.change import category_of
from hues.cases.models import Case
from hues.cases.queries.one import case_for
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people import conduct
from hues.people.subjects import BOOKS, Signal, Subject

LOOKED_BACK = timedelta(days=90)


@BOOKS.register("cases")
class Cases:
    def find(self, actor: Actor, code: str) -> Subject:
        case = case_for(actor, code)
        return Subject(
            case.pk, case.code, category_of(case).name(actor.language), case.reporter_id, ("centre", f"case:{case.pk}")
        )

    def signals(self) -> list[Signal]:
        """Two statements."""
        policy, since = conduct.policy(), clock.now() - LOOKED_BACK
        abuse = Case.objects.filter(
            reject_reason__in=policy.abuse_reasons, received_at__gt=since, reporter__isnull=False
        )
        rows = (
            abuse.values("reporter_id")
            .annotate(n=Count("pk"), last=Max("received_at"), codes=ArrayAgg("code", order_by="-received_at"))
            .filter(n__gte=policy.signal_from)
            .order_by("-n", "-last")[:50]
        )
        found = list(rows)
        sent = dict(
            Case.objects.filter(reporter__in=[row["reporter_id"] for row in found], received_at__gt=since)
            .values_list("reporter_id")
            .annotate(n=Count("pk"))
        )
        return [
            Signal(row["reporter_id"], row["n"], sent.get(row["reporter_id"], 0), tuple(row["codes"][:8]), row["last"])
            for row in found
        ]

    def are_of(self, person_id: UUID, codes: list[str]) -> bool:
        return Case.objects.filter(code__in=codes, reporter_id=person_id).count() == len(set(codes))
