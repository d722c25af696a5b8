"""Full-text search in the public list: flat in time for rare and for common words.

The planner guesses how many cases hold several words at once, and guesses wrong: it then either walks all cases for a rare phrase or fetches
ten thousand for a common one. So a common phrase is looked for among the newest cases first, which fills a page at once; only a phrase
that is rare there is looked up in the inverted index, where it is cheap because it is rare.
"""

from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from hues.cases.models import Case
from hues.kernel.pages import Page, keyset, unseal

WINDOW = 3_000
ORDER = ("-received_at", "-id")
_LISTED = "moderated and visibility in ('public', 'masked')"


def matching(cases: QuerySet[Case], query: str) -> QuerySet[Case]:
    """Of listed cases those that match, by the inverted index."""
    if not query:
        return cases.none()
    sql = f"select id from cases_case where {_LISTED} and public_search @@ %s::tsquery offset 0"  # noqa: S608  a constant
    return cases.filter(pk__in=RawSQL(sql, [query]))  # noqa: S611  as above


def search_page(
    cases: QuerySet[Case], columns: tuple[str, ...], query: str, *, after: str | None, limit: int, scope: str
) -> Page[Case]:
    """A page of listed cases that match, newest first. Two statements at most."""
    rows = _newest_matching(cases, query, after=after, limit=limit, scope=scope) if query else []
    found = cases.filter(pk__in=rows) if len(rows) > limit else matching(cases, query)
    return keyset(found.values_list(*columns, named=True), order=ORDER, after=after, limit=limit, scope=scope)


def _newest_matching(cases: QuerySet[Case], query: str, *, after: str | None, limit: int, scope: str) -> list[UUID]:
    """Ids of those that match among the next WINDOW cases of the list, at most one more than a page."""
    if after:
        cases = cases.filter(TupleLessThan(Tuple("received_at", "id"), tuple(unseal(after, scope, len(ORDER)))))
    window = cases.order_by(*ORDER).annotate(document=RawSQL("cases_case.public_search", []))
    sql, parameters = window.values_list("id", "document")[:WINDOW].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id from ({sql}) newest (id, document) where document @@ %s::tsquery limit %s",  # noqa: S608  made by Django
            [*parameters, query, limit + 1],
        )
        return [row[0] for row in cursor.fetchall()]
