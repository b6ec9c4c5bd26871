"""A round with one object, given to somebody who was never granted a role: being sent is not enough."""

import datetime as dt


def subjects(town, owner):
    from hutong.service.surveys.models import Round, Task
    from hutong.service.twin.models import Snapshot

    snapshot = Snapshot.objects.filter(place=town.quarter).first()
    made = Round.objects.create(
        snapshot=snapshot, title="walk", tables=["buildings"], until=dt.date(2030, 1, 1)
    )
    task = Task.objects.create(
        round=made, table="buildings", object_id="x", called="x", at=town.building, user=owner
    )
    return {
        **{key: {"": {"pk": task.pk}} for key in ("survey_task", "survey_send")},
        **{
            key: {"": {"pk": made.pk}}
            for key in (
                "survey_round",
                "survey_assign",
                "survey_take_back",
                "survey_close",
                "survey_merge",
                "survey_paper",
            )
        },
    }
