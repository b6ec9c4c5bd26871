"""The sheets of the survey of belonging become one tally a year: an order of rows could pair people with answers."""

import django.db.models.deletion
from django.db import migrations, models


def count(apps, _editor):
    """Add the sheets up, and let them go with their table."""
    sheets, tallies = (apps.get_model("neighbourhood", name) for name in ("Sheet", "Tally"))
    for sheet in sheets.objects.all():
        tally, _ = tallies.objects.get_or_create(quarter=sheet.quarter, year=sheet.year)
        cell = tally.counts.setdefault(sheet.age, {}).setdefault(sheet.tenure, {})
        for item, score in sheet.answers.items():
            cell.setdefault(item, [0] * 5)[score - 1] += 1
        tally.save()


class Migration(migrations.Migration):
    dependencies = [("neighbourhood", "0001_initial"), ("places", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("counts", models.JSONField(default=dict)),
                (
                    "quarter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "tallies",
                "constraints": [models.UniqueConstraint(fields=("quarter", "year"), name="one_tally_a_year")],
            },
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.DeleteModel(name="Sheet"),
    ]
