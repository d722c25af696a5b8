from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_fewer_indexes")]

    operations = [
        migrations.AlterField(
            model_name="processdefinition",
            name="definition",
            field=models.TextField(),
        ),
    ]
