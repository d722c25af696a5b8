"""The order in which Open311 clients follow changes: hues.reports.open311.requests.CHANGED, as an index."""

from django.db import migrations

SQL = """
create index reports_case_changed on cases_case (
  (case when is_open then updated_at else coalesce(closed_at, published_at, updated_at) end), id
) where moderated and visibility in ('public', 'masked');
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("cases", "0002_case_search")]
    operations = [migrations.RunSQL(SQL, "drop index reports_case_changed")]
