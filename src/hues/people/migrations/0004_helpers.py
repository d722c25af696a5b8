"""A role for those who file for people who cannot do it alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_trust")]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name="membership_agency"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("agency__isnull", False), ("role__in", ["officer", "head"]))
                | models.Q(
                    ("agency__isnull", True), ("role__in", ["helper", "operator", "lead", "administrator", "auditor"])
                ),
                name="membership_agency",
            ),
        ),
    ]
