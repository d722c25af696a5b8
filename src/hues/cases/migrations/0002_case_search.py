"""Search without diacritics: a generated column and its index."""

from django.db import migrations

SQL = """
alter table cases_case add column search tsvector generated always as
  (to_tsvector('simple', vn_fold(code || ' ' || body || ' ' || address))) stored;
create index case_search on cases_case using gin (search);
alter table cases_case add column public_search tsvector generated always as
  (to_tsvector('simple', vn_fold(code || ' ' || public_body || ' ' || public_address))) stored;
create index case_public_search on cases_case using gin (public_search)
  where moderated and visibility in ('public', 'masked');
create index case_point on cases_case using gist (point(public_lon, public_lat))
  where moderated and visibility in ('public', 'masked');
"""

UNDO = "drop index case_point; alter table cases_case drop column public_search; alter table cases_case drop column search"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("kernel", "0002_journal_rules")]
    operations = [migrations.RunSQL(SQL, UNDO)]
