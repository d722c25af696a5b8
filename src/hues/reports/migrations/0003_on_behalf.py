"""Filing for somebody else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hues.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_asset"),
        ("reports", "0002_changed_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OnBehalf",
            fields=[
                (
                    "id",
                    models.UUIDField(default=hues.kernel.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("sealed_phone", models.BinaryField(default=b"")),
                ("language", models.CharField(default="vi", max_length=8)),
                ("link_hash", models.CharField(blank=True, default="", max_length=64)),
                ("consent_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="on_behalf",
                        to="cases.case",
                    ),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["helper", "-consent_at"], name="on_behalf_helper"),
                    models.Index(
                        condition=models.Q(("link_hash", ""), _negated=True),
                        fields=["link_hash"],
                        name="on_behalf_link",
                    ),
                    models.Index(
                        condition=models.Q(("case__isnull", True)), fields=["consent_at"], name="on_behalf_unused"
                    ),
                ],
            },
        ),
    ]
