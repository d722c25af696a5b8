"""Ended calls are added up by the hour, by the database itself: whoever writes calls, one at a time or thousands at once."""

from django.db import migrations

_SUMS = """
  insert into hotline_calltally as t
    (day, hour, direction, code, calls, answered, fast, early, wait_s, handle_s, timed, known, again)
  select * from (
    select local_day, local_hour, direction, wrap_code, sum(sign) as calls, sum(sign * (result = 'answered')::int) as answered,
      sum(sign * (result = 'answered' and fast)::int) as fast, sum(sign * early::int) as early,
      sum(case when result = 'answered' then sign * wait_s else 0 end) as wait_s,
      sum(case when result = 'answered' and not closed_itself then sign * (talk_s + hold_s + wrap_s) else 0 end) as handle_s,
      sum(sign * (result = 'answered' and not closed_itself)::int) as timed,
      sum(sign * (result = 'answered' and known)::int) as known,
      sum(sign * (result = 'answered' and known and called_again)::int) as again
    from ({rows}) changed where state = 'ended' group by 1, 2, 3, 4) delta
  where (calls, answered, fast, early, wait_s, handle_s, timed, known, again) <> (0, 0, 0, 0, 0, 0, 0, 0, 0)
  order by 1, 2, 3, 4
  on conflict (day, hour, direction, code) do update set
    calls = t.calls + excluded.calls, answered = t.answered + excluded.answered, fast = t.fast + excluded.fast,
    early = t.early + excluded.early, wait_s = t.wait_s + excluded.wait_s, handle_s = t.handle_s + excluded.handle_s,
    timed = t.timed + excluded.timed, known = t.known + excluded.known, again = t.again + excluded.again;
  return null;
"""
_NEW, _OLD = "select 1 as sign, n.* from new_rows n", "select -1 as sign, o.* from old_rows o"
_WHAT = {
    "insert": (_NEW, "referencing new table as new_rows"),
    "update": (f"{_NEW} union all {_OLD}", "referencing old table as old_rows new table as new_rows"),
    "delete": (_OLD, "referencing old table as old_rows"),
}
FORWARD = "\n".join(
    f"create function hotline_count_{verb}() returns trigger language plpgsql as $$ begin {_SUMS.format(rows=rows)} end $$;\n"
    f"create trigger hotline_count_{verb} after {verb} on hotline_call {tables}\n"
    f"  for each statement execute function hotline_count_{verb}();"
    for verb, (rows, tables) in _WHAT.items()
)
BACKWARD = "\n".join(
    f"drop trigger hotline_count_{verb} on hotline_call; drop function hotline_count_{verb}();" for verb in _WHAT
)


class Migration(migrations.Migration):
    dependencies = [("hotline", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
