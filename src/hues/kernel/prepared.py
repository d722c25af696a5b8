"""Queries that many pages ask: the ORM writes the SQL once for a process, which costs more than asking it, and values are put in each time."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """`Prepared(make, code="?")` asks `make(code=…)`, a `values_list`, by its SQL.

    The values given here are examples of the same types, each unlike any other and unlike every constant of the query: where one of them
    stands among the parameters, the value of its name is put. For columns that come out of the driver as the ORM would give them.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], **examples: Any) -> None:
        self._make, self._examples = make, examples
        self._sql = ""
        self._slots: list[tuple[str, Any]] = []

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the query gives for these values. One statement."""
        if not self._sql:
            self._write()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [values[name] if name else constant for name, constant in self._slots])
            return list(cursor.fetchall())

    def _write(self) -> None:
        sql, parameters = self._make(**self._examples).query.sql_with_params()
        slots = [(self._name_of(parameter), parameter) for parameter in parameters]
        missing = set(self._examples) - {name for name, _constant in slots}
        assert not missing, f"no place for {missing} in {sql}"  # noqa: S101 - a mistake in the program
        self._slots, self._sql = slots, sql

    def _name_of(self, parameter: Any) -> str:
        """The name whose example this is; "" for a constant. The driver may have wrapped a number in a type of its own."""
        kinds = ((name, example) for name, example in self._examples.items() if isinstance(parameter, type(example)))
        return next((name for name, example in kinds if parameter == example), "")
