from django.db import migrations


class Migration(migrations.Migration):
    """How often one hears of what one follows is chosen for each follow (reports); here nothing gathers any more."""

    dependencies = [("notifications", "0003_deliveries")]

    operations = [
        migrations.RemoveField("delivery", "digest"),
        migrations.RemoveField("preferences", "daily"),
    ]
