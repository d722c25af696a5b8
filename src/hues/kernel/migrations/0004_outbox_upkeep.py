"""The outbox fills and empties all day: it is tidied by what left it, not by a share of its size."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_limits_relay")]
    operations = [
        migrations.RunSQL(
            "alter table kernel_outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
            "alter table kernel_outbox reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
