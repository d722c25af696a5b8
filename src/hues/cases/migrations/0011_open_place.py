from django.db import migrations, models


class Migration(migrations.Migration):
    """Open cases by place, as staff sees them: a few thousand rows of however many."""

    dependencies = [("cases", "0010_me_too")]

    operations = [
        migrations.AddIndex(
            "case", models.Index(condition=models.Q(("is_open", True)), fields=["lat", "lon"], name="case_open_place")
        ),
    ]
