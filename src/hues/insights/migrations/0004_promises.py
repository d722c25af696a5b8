from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insights", "0003_days_and_echoes")]

    operations = [
        *(
            migrations.AddField(model_name="tally", name=name, field=models.IntegerField(default=0))
            for name in ("returned", "promises_ended", "promises_kept")
        ),
        migrations.RunSQL("delete from insights_tallystate", migrations.RunSQL.noop),
    ]
