"""The newest entries that say something to everybody are found at once, however many others lie between (the wall's ticker)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_files_masked")]
    operations = [
        migrations.RunSQL(
            "create index journal_told_in_public on kernel_journalentry (id) where parts -> 'public' -> 'said' is not null",
            "drop index journal_told_in_public",
        ),
    ]
