"""vn_fold, the append-only rule of the journal, and its outbox trigger."""

from django.db import migrations

from hues.kernel.text import VN_FOLD_SQL

RULES = """
alter table kernel_outbox add column xid xid8 not null default pg_current_xact_id();
create index outbox_order on kernel_outbox (xid, entry_id);

create function kernel_journal_to_outbox() returns trigger language plpgsql as $$
begin
  insert into kernel_outbox (entry_id) select id from added;
  return null;
end $$;
create trigger journal_outbox after insert on kernel_journalentry
  referencing new table as added for each statement execute function kernel_journal_to_outbox();

create function kernel_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger journal_append_only before update or delete or truncate on kernel_journalentry
  for each statement execute function kernel_append_only();
"""

UNDO = """
drop trigger journal_append_only on kernel_journalentry;
drop trigger journal_outbox on kernel_journalentry;
drop function kernel_append_only;
drop function kernel_journal_to_outbox;
alter table kernel_outbox drop column xid;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(VN_FOLD_SQL, "drop function vn_fold(text)"),
        migrations.RunSQL(RULES, UNDO),
    ]
