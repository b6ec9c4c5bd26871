# What the public statistics count is drawn from the steps once, at each step, and no longer whenever somebody looks.

from django.db import migrations, models


def draw(apps, editor):
    from hutong.service.requests.selectors import DRAWN, case

    Request = apps.get_model("requests", "Request")
    for request in (
        Request.objects.select_related("place").prefetch_related("steps").iterator(chunk_size=1000)
    ):
        drawn = case(request)
        Request.objects.filter(pk=request.pk).update(**{name: getattr(drawn, name) for name in DRAWN})


class Migration(migrations.Migration):
    dependencies = [("requests", "0001_initial")]
    operations = [
        migrations.AddField("request", "replied", models.DateTimeField(null=True)),
        migrations.AddField("request", "solved", models.BooleanField(null=True)),
        migrations.AddField("request", "satisfied", models.BooleanField(null=True)),
        migrations.AddField("request", "reopened", models.IntegerField(default=0)),
        migrations.AddField("request", "disputes", models.IntegerField(default=0)),
        migrations.AddField("request", "extended", models.BooleanField(default=False)),
        migrations.RunPython(draw, migrations.RunPython.noop),
    ]
