import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operation", "0002_returns_by_machine"),
        ("schemes", "0002_tradeoffs"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="schemes.version",
            ),
        ),
    ]
