"""Ended calls are added up by the hour, by the database itself: whoever writes a call, one at a time or thousands at once."""

from django.db import migrations

FORWARD = """
create function hotline_tally(one hotline_call, sign integer) returns void language sql as $$
  insert into hotline_calltally as t
    (day, hour, direction, code, calls, answered, fast, early, wait_s, handle_s, timed, known, again)
  select one.local_day, one.local_hour, one.direction, one.wrap_code, sign,
    sign * (one.result = 'answered')::int,
    sign * (one.result = 'answered' and one.fast)::int,
    sign * one.early::int,
    sign * case when one.result = 'answered' then one.wait_s else 0 end,
    sign * case when one.result = 'answered' and not one.closed_itself then one.talk_s + one.hold_s + one.wrap_s else 0 end,
    sign * (one.result = 'answered' and not one.closed_itself)::int,
    sign * (one.result = 'answered' and one.known)::int,
    sign * (one.result = 'answered' and one.known and one.called_again)::int
  on conflict (day, hour, direction, code) do update set
    calls = t.calls + excluded.calls, answered = t.answered + excluded.answered, fast = t.fast + excluded.fast,
    early = t.early + excluded.early, wait_s = t.wait_s + excluded.wait_s, handle_s = t.handle_s + excluded.handle_s,
    timed = t.timed + excluded.timed, known = t.known + excluded.known, again = t.again + excluded.again
$$;

create function hotline_call_counted() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.state = 'ended' then perform hotline_tally(old, -1); end if;
  if tg_op <> 'DELETE' and new.state = 'ended' then perform hotline_tally(new, 1); end if;
  return null;
end $$;

create trigger hotline_call_counted after insert or delete on hotline_call
  for each row execute function hotline_call_counted();
create trigger hotline_call_recounted after update on hotline_call for each row
  when ((old.state, old.local_day, old.local_hour, old.direction, old.wrap_code, old.result, old.fast, old.early, old.wait_s,
         old.talk_s, old.hold_s, old.wrap_s, old.closed_itself, old.known, old.called_again)
    is distinct from
        (new.state, new.local_day, new.local_hour, new.direction, new.wrap_code, new.result, new.fast, new.early, new.wait_s,
         new.talk_s, new.hold_s, new.wrap_s, new.closed_itself, new.known, new.called_again))
  execute function hotline_call_counted();
"""

BACKWARD = """
drop trigger hotline_call_recounted on hotline_call;
drop trigger hotline_call_counted on hotline_call;
drop function hotline_call_counted();
drop function hotline_tally(hotline_call, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("hotline", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
