"""The newest entries that say something to everybody are found at once, however many others lie between (the wall's ticker).

The journal of a running city is large, and everything that is done writes to it: the index is built beside the work, outside of a transaction,
with no writer waiting. What an interrupted attempt left behind is not valid and is built anew.
"""

from django.db import migrations

_LEFT_BEHIND = """
do $$ begin
  if exists (select from pg_index where indexrelid = to_regclass('journal_told_in_public') and not indisvalid) then
    drop index journal_told_in_public;
  end if;
end $$
"""
_BUILD = """
create index concurrently if not exists journal_told_in_public on kernel_journalentry (id)
where parts -> 'public' -> 'said' is not null
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("kernel", "0005_files_masked")]
    operations = [
        migrations.RunSQL([_LEFT_BEHIND], migrations.RunSQL.noop),
        migrations.RunSQL([_BUILD], ["drop index concurrently if exists journal_told_in_public"]),
    ]
