from django.db import migrations, models


class Migration(migrations.Migration):
    """One decision alone can be taken back too: it says what it will do. The default is the database's, so that no row is written anew."""

    dependencies = [("console", "0002_untaken_handovers")]

    operations = [
        migrations.AddField("bulk", "said", models.CharField(blank=True, db_default="", default="", max_length=200)),
    ]
