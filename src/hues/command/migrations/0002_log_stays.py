"""The log of an incident is only written on: the database refuses to change or take away a line. Its pin may move, and a person or body that is
gone may be taken out of it."""

from django.db import migrations

FORWARD = """
create function command_log_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
    and (new.id, new.incident_id, new.number, new.at, new.period, new.kind, new.caller, new.body, new.inside)
      is not distinct from (old.id, old.incident_id, old.number, old.at, old.period, old.kind, old.caller, old.body, old.inside)
    and new.corrects_id is not distinct from old.corrects_id
    and (new.by_id is null or new.by_id is not distinct from old.by_id)
    and (new.agency_id is null or new.agency_id is not distinct from old.agency_id)
  then return new; end if;
  raise exception 'the log of an incident is only written on' using errcode = 'restrict_violation';
end $$;
create trigger command_log_stays before update or delete on command_logline
  for each row execute function command_log_stays();
create trigger command_log_not_emptied before truncate on command_logline
  for each statement execute function command_log_stays();
"""
BACKWARD = """
drop trigger command_log_not_emptied on command_logline;
drop trigger command_log_stays on command_logline;
drop function command_log_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("command", "0001_incidents")]  # noqa: RUF012 - Django's own form
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012
