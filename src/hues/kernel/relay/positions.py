"""How far each reader of the log has come. Kept in the database, moved only after the work is done: at least once."""

from django.db import connection


def position(reader: str, start: int) -> int:
    """The next place to give to a reader. One that is new begins at `start`."""
    sql = """
    with made as (insert into kernel_relayposition (reader, place) values (%s, %s) on conflict do nothing returning
    place) select place from made union all select place from kernel_relayposition where reader = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [reader, start, reader])
        return int(cursor.fetchone()[0])


def advance(reader: str, place: int) -> None:
    sql = "update kernel_relayposition set place = greatest(place, %s) where reader = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [place, reader])
