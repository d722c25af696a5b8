from django.db import migrations, models


class Migration(migrations.Migration):
    """What waits for a decision of the centre, the most urgent first: an index of the backlog alone."""

    dependencies = [("cases", "0011_open_place")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("is_open", True), ("phase", "intake")),
                fields=["priority", "received_at", "id"],
                name="case_intake",
            ),
        ),
    ]
