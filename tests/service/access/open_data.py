"""What the pages of open data are opened on: an edition of today in the first city."""

from __future__ import annotations


def subjects(town, owner):
    from django.utils import timezone

    from hutong.service.open_data import services

    made = services.make(town.city, timezone.localdate())
    file = made.files.get(name="ledger.csv")
    at = {"": {"pk": town.city.pk}}
    return {
        **{key: {"": {"pk": made.pk}} for key in ("open_data_edition", "open_data_recipe", "open_data_zip")},
        **{key: {"": {"pk": file.pk}} for key in ("open_data_file", "open_data_withdraw")},
        "open_data_make": at,
        "open_data_licence": at,
        "open_data_set": {"": {"name": "buildings"}},
        "api_data_rows": {"": {"name": "ledger"}},
    }
