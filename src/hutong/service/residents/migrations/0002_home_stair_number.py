from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("residents", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="home", name="stair_number", field=models.PositiveSmallIntegerField(null=True)
        ),
    ]
