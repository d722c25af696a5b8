"""Nobody has two shifts at once, whoever writes them.

A range over uuid makes "the same person" a thing that GiST can exclude without any extension (btree_gist is not everywhere).
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("duty", "0001_rosters")]

    operations = [
        migrations.RunSQL(
            """
            create type uuid_range as range (subtype = uuid);
            alter table duty_shift add constraint shift_one_at_a_time exclude using gist (
                uuid_range(person_id, person_id, '[]') with =,
                tstzrange(starts_at, ends_at) with &&
            ) where (not called_off);
            """,
            """
            alter table duty_shift drop constraint shift_one_at_a_time;
            drop type uuid_range;
            """,
        )
    ]
