"""Rate counters, the relay's positions, erasure as the one change of an entry, and a faster vn_fold."""

from django.db import migrations, models

from hues.kernel.text import VN_FOLD_SQL

RULES = """
alter table kernel_ratecounter set unlogged;

drop trigger journal_append_only on kernel_journalentry;
create trigger journal_append_only before delete or truncate on kernel_journalentry
  for each statement execute function kernel_append_only();
create function kernel_journal_update() returns trigger language plpgsql as $$
begin
  if old.id::text = current_setting('hues.erasing', true) and new.parts = '{}' and new.salt = ''
    and (new.id, new.at, new.actor_kind, new.actor_id, new.action, new.subject_kind, new.subject_id, new.topics)
      is not distinct from
        (old.id, old.at, old.actor_kind, old.actor_id, old.action, old.subject_kind, old.subject_id, old.topics)
  then return new; end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger journal_update before update on kernel_journalentry
  for each row execute function kernel_journal_update();

create trigger leaf_append_only before update or delete or truncate on kernel_logleaf
  for each statement execute function kernel_append_only();
create trigger node_append_only before update or delete or truncate on kernel_lognode
  for each statement execute function kernel_append_only();
create trigger checkpoint_append_only before update or delete or truncate on kernel_logcheckpoint
  for each statement execute function kernel_append_only();
"""

UNDO = """
drop trigger checkpoint_append_only on kernel_logcheckpoint;
drop trigger node_append_only on kernel_lognode;
drop trigger leaf_append_only on kernel_logleaf;
drop trigger journal_update on kernel_journalentry;
drop function kernel_journal_update;
drop trigger journal_append_only on kernel_journalentry;
create trigger journal_append_only before update or delete or truncate on kernel_journalentry
  for each statement execute function kernel_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0002_journal_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='RateCounter',
            fields=[
                ('key', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('used', models.IntegerField()),
                ('until', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='RelayPosition',
            fields=[
                ('reader', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('place', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ParkedEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=64)),
                ('entry_id', models.UUIDField()),
                ('tries', models.IntegerField(default=1)),
                ('next_at', models.DateTimeField(db_index=True)),
                ('error', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('reader', 'entry_id'), name='parked_once')],
            },
        ),
        migrations.RunSQL(RULES, UNDO),
        migrations.RunSQL(VN_FOLD_SQL, migrations.RunSQL.noop),
    ]
