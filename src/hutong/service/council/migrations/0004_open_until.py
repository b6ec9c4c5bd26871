"""A process that hears a scheme takes opinions through the last day of the publication."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("council", "0003_all_owed")]
    operations = [
        migrations.AddField(model_name="process", name="open_until", field=models.DateField(null=True)),
    ]
