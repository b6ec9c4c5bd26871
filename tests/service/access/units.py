"""What the pages of units are opened on: one in the subdistrict, with somebody, a row and a case."""

import datetime as dt


def subjects(town, owner):
    """Return, per page and variant, the captured parts of its address."""
    from hutong.service.requests import services as requests
    from hutong.service.requests.units import services
    from hutong.text import Text

    unit = services.make_unit("walked", town.subdistrict, Text("走到的单位", "Walked"))
    member = services.join(owner, unit)
    row = services.take(unit, "pipes", town.quarter, (), dt.date(2026, 1, 1), None)
    filed = requests.file(requests.NewRequest(town.building, "院里水管裂了")).request
    requests.step(filed, "take_in", "intake", said={"category": "pipes", "limit": "request.general_days_max"})
    requests.step(filed, "dispatch", "intake", said={"unit": "walked"})
    return {
        "unit": {"": {"pk": unit.pk}},
        "unit_leave": {"": {"pk": member.pk}},
        "unit_end": {"": {"pk": row.pk}},
    }
