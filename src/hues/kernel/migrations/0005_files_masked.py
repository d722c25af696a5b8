from django.db import migrations, models


class Migration(migrations.Migration):
    """What the public sees of a photo is masked; videos; what a picture shows, in words. Constant defaults: no table is
    rewritten. Photos that are there already wait to be masked like new ones."""

    dependencies = [("kernel", "0004_outbox_upkeep")]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="masking",
            field=models.CharField(
                choices=[("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
                db_default="waiting",
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="found",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="storedfile", name="duration_s", field=models.FloatField(null=True)
        ),
        migrations.AddField(
            model_name="storedfile",
            name="alt",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(condition=models.Q(("masking", "waiting")), fields=["at"], name="file_waiting"),
        ),
    ]
