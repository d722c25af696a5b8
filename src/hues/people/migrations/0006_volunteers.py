"""A role for those who help at the telephones for some days."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_administrator_acts")]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name="membership_agency"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("agency__isnull", False), ("role__in", ["officer", "head"]))
                | models.Q(
                    ("agency__isnull", True),
                    ("role__in", ["helper", "volunteer", "operator", "lead", "administrator", "auditor"]),
                ),
                name="membership_agency",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "volunteer"), _negated=True) | models.Q(("valid_to__isnull", False)),
                name="membership_volunteer_ends",
            ),
        ),
    ]
