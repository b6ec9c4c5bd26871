"""A story may be told of a spot on the map: a tree, a gate, a shop."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("neighbourhood", "0002_tally")]
    operations = [
        migrations.AddField(model_name="memory", name=name, field=models.FloatField(null=True))
        for name in ("lon", "lat")
    ]
