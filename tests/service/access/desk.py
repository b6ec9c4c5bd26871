"""A table that came back, and the snapshots and checkups of the quarter."""


def subjects(town, owner):
    from hutong.service.checkup.models import Run
    from hutong.service.desk.models import Returned
    from hutong.service.twin.models import PUBLISHED

    runs = Run.objects.filter(snapshot__place=town.quarter).select_related("snapshot")
    draft = next(r for r in runs if r.snapshot.phase != PUBLISHED)
    shown = next(r for r in runs if r.snapshot.phase == PUBLISHED)
    of_run = {"draft": {"pk": draft.pk}, "published": {"pk": shown.pk}}
    of_snapshot = {"draft": {"pk": draft.snapshot_id}, "published": {"pk": shown.snapshot_id}}
    table = Returned.objects.create(snapshot=draft.snapshot, name="table.xlsx", changes=[])
    return {
        **dict.fromkeys(("desk_findings", "desk_briefing"), of_run),
        **dict.fromkeys(
            ("desk_titles", "desk_tables", "desk_buildings_table", "desk_survey_table"), of_snapshot
        ),
        **{key: {"": {"pk": table.pk}} for key in ("desk_returned", "desk_apply", "desk_drop")},
    }
