"""Cases know which lamp, bin or sign they are about. A constant default: no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_definition_in_order")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="asset",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("asset", ""), _negated=True),
                fields=["asset", "-received_at"],
                name="case_asset",
            ),
        ),
    ]
