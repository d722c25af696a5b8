from django.db import migrations, models


class Migration(migrations.Migration):
    """Nullable and without a default: the table is not rewritten."""

    dependencies = [("cases", "0008_asset")]

    operations = [migrations.AddField("case", "erased_at", models.DateTimeField(null=True))]
