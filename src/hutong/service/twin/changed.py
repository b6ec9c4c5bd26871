"""A snapshot with what was found out since: imported as a new draft of the same quarter; the old one stays as it is."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from hutong.city import City
from hutong.sense.survey import Survey, apply_survey
from hutong.service.accounts.models import User
from hutong.service.twin import services
from hutong.service.twin.models import Snapshot


def import_changed(of: Snapshot, survey: Survey, by: User | None, step: services.Step) -> Snapshot:
    """Import a snapshot with answers of a survey as observed values; what was imported so before is returned again.

    So work that was cut off after the import, and is done once more, ends where it would have.

    Raises
    ------
    HutongError
        What :func:`~hutong.sense.survey.apply_survey` and :func:`~hutong.service.twin.services.import_city` raise.
    """
    city = apply_survey(City.load(of.folder / "city"), survey)
    known = Snapshot.objects.filter(place=of.place, digest=city.hash).first()
    if known is not None:
        return known
    root = Path(settings.MEDIA_ROOT) / "uploads"
    root.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="changed-", dir=root))
    try:
        return services.import_city(city.save(folder / "city"), of.place, by, step)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
