"""The only writes of open data: make an edition, withdraw a file, choose the licence."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.ledger import selectors as ledger_selectors
from hutong.service.ledger import services as ledger
from hutong.service.open_data import selectors
from hutong.service.open_data.licences import licences
from hutong.service.open_data.models import Edition, File, TableTerms, Terms
from hutong.service.open_data.writing import dictionary, files_of
from hutong.service.places.models import Place
from hutong.text import Text

FORMAT = "hutong-open-data-1"
#: Why a file may be withdrawn; never because its figures are unwelcome.
REASONS = {
    "personal": Text("误含个人信息", "it held personal data by mistake"),
    "law": Text("法律或裁决要求", "a law or ruling asks it"),
    "wrong": Text("数据有误，另有更正的版本", "its data were wrong and a later edition mends them"),
}
#: What belongs to an edition beside its datasets.
BESIDE = ("dictionary.json", "recipe.json")
ATTRIBUTION = "ATTRIBUTION.txt"


def build(city: Place, until: dt.datetime) -> dict[str, tuple[str, str, int, bytes]]:
    """Return the files of a city's data as public at a moment: name -> (dataset, form, rows, bytes)."""
    out = {}
    for one in selectors.datasets().values():
        rows = list(one.rows(city, until))
        for form, data in files_of(one, rows).items():
            out[f"{one.id}.{form}"] = (one.id, form, len(rows), data)
    return out


def _recipe(
    city: Place,
    day: dt.date,
    moment: dt.datetime,
    files: Mapping[str, tuple[str, str, int, bytes]],
    terms: Mapping[str, TableTerms],
) -> str:
    size = ledger_selectors.size()
    told = {
        "format": FORMAT,
        "city": city.path,
        "date": day.isoformat(),
        "until": moment.astimezone(dt.UTC).isoformat(),
        "licence": selectors.licence_of(city).id,
        "terms": {name: _plain(t) for name, t in terms.items()},
        "made_by": {"hutong": version("hutong"), "pyarrow": version("pyarrow")},
        "ledger": {"size": size, "root": ledger_selectors.tree().root(size).hex()},
        "files": [
            {"name": n, "dataset": d, "rows": rows, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for n, (d, _form, rows, data) in sorted(files.items())
        ],
        "again": f"hutong service open-data {city.path} --date {day.isoformat()} --check",
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)


def _plain(terms: TableTerms) -> dict[str, Any]:
    return {"licence": terms.licence.id, "sources": list(terms.sources)}


def attribution(city: Place, day: dt.date, terms: Mapping[str, TableTerms]) -> str:
    """Return the notice that goes with an edition: each table's licence, and the sources that are to be named with it."""
    known = selectors.datasets()
    lines = [
        f"{city.title.zh} {day}",
        f"{city.title.en} {day}",
        "",
        "使用这些表时，请注明各表下列出的来源，并遵守该表的许可。",
        "Whoever uses these tables names the sources that stand below each, and keeps to its licence.",
    ]
    for name, told in terms.items():
        one = told.licence
        lines += [
            "",
            f"{name} · {known[name].title.zh} · {known[name].title.en}",
            f"  {one.id} · {one.url or one.title.zh}",
        ]
        lines += [f"  {one.says.zh}", f"  {one.says.en}"]
        lines += [
            " · ".join((f"  - {s['title']}", *filter(None, (s["licence"], s["attribution"]))))
            for s in told.sources
        ]
    return "\n".join(lines) + "\n"


def make(city: Place, day: dt.date, by: User | None = None) -> Edition:
    """Make the edition of a day: what was public at its end, or is now if it has not ended. One that exists is never made anew.

    Raises
    ------
    HutongError
        ``day-to-come``; ``practice`` on a practice site, whose data are made up.
    """
    if settings.ENVIRONMENT.practice:
        raise HutongError(
            "practice",
            Text("练习站不产生开放数据。", "A practice site makes no open data."),
            Text("请在正式站点上操作。", "Do it on the real site."),
        )
    if day > timezone.localdate():
        raise HutongError(
            "day-to-come",
            Text(f"{day} 还没有到。", f"{day} is still to come."),
            Text("请选今天或更早的一天。", "Choose today or an earlier day."),
        )
    known = selectors.edition_on(city, day)
    if known is not None:
        return known
    moment = min(selectors.until(day), timezone.now())
    files = build(city, moment)
    terms = {name: selectors.terms_of(one, city, moment) for name, one in selectors.datasets().items()}
    recipe = _recipe(city, day, moment, files, terms)
    folder = Path(settings.MEDIA_ROOT) / "open-data" / str(city.pk)
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{day}-", dir=folder))
    try:
        for name, (_d, _f, _n, data) in files.items():
            (work / name).write_bytes(data)
        told = [{**dictionary(d), **_plain(terms[d.id])} for d in selectors.datasets().values()]
        (work / "dictionary.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
        (work / "recipe.json").write_text(recipe, "utf-8")
        (work / ATTRIBUTION).write_text(attribution(city, day, terms), "utf-8")
        return _keep(city, day, files, recipe, work, by)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@transaction.atomic
def _keep(
    city: Place,
    day: dt.date,
    files: Mapping[str, tuple[str, str, int, bytes]],
    recipe: str,
    work: Path,
    by: User | None,
) -> Edition:
    """Write rows, ledger entry and folder: all stand, or none."""
    Place.objects.select_for_update().get(pk=city.pk)
    known = selectors.edition_on(city, day)
    if known is not None:  # somebody else made it at the same moment
        return known
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    entry = ledger.record(
        "data.published", {"city": city.code, "date": day.isoformat(), "files": len(files), "digest": digest}, place=city, by=by
    )  # fmt: skip
    made = Edition.objects.create(
        place=city,
        date=day,
        licence=selectors.licence_of(city).id,
        recipe=recipe,
        digest=digest,
        entry=entry.index,
    )
    File.objects.bulk_create(
        File(edition=made, dataset=d, form=form, name=name, rows=n, size=len(data), digest=hashlib.sha256(data).hexdigest())
        for name, (d, form, n, data) in sorted(files.items())
    )  # fmt: skip
    shutil.rmtree(made.folder, ignore_errors=True)  # left by one that was cut off: no row names it
    work.rename(made.folder)
    return made


def differences(of: Edition) -> list[str]:
    """Make an edition again from what the site holds now, and return the names of files that differ.

    A file of a dataset that is ``frozen`` may differ where something was since changed or closed; another may not.
    """
    again = build(of.place, dt.datetime.fromisoformat(of.told["until"]))
    kept = {f.name: f.digest for f in of.files.all()}
    fresh = {name: hashlib.sha256(data).hexdigest() for name, (_d, _f, _n, data) in again.items()}
    return sorted(name for name in kept.keys() | fresh.keys() if kept.get(name) != fresh.get(name))


def packed(of: Edition) -> bytes:
    """Return an edition as a zip: its files, dictionary, recipe and whom to name; withdrawn files are left out. The same bytes each time."""
    names = [f.name for f in of.files.filter(withdrawn=None)]
    if "terms" in of.told:  # those made before had none and keep their bytes
        names.append(ATTRIBUTION)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted([*names, *BESIDE]):
            about = zipfile.ZipInfo(
                f"{of.place.code}-{of.date}/{name}", (of.date.year, of.date.month, of.date.day, 0, 0, 0)
            )
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, (of.folder / name).read_bytes())
    return out.getvalue()


@transaction.atomic
def withdraw(found: File, reason: str, by: User) -> None:
    """Take back all forms of a dataset in an edition: the bytes go, the row with its hash and the reason stay.

    Raises
    ------
    HutongError
        ``bad-reason``.
    """
    if reason not in REASONS:
        raise HutongError(
            "bad-reason",
            Text("撤回须说明原因。", "A withdrawal needs its reason."),
            Text("请从列表中选择。", "Choose one of the list."),
        )
    rows = File.objects.select_for_update().filter(
        edition=found.edition, dataset=found.dataset, withdrawn=None
    )
    for one in rows:
        one.withdrawn, one.reason = timezone.now(), reason
        one.save(update_fields=["withdrawn", "reason"])
        told = {
            "edition": found.edition.date.isoformat(),
            "file": one.name,
            "reason": reason,
            "digest": one.digest,
        }
        ledger.record("data.withdrawn", told, place=found.place, by=by)
        transaction.on_commit(lambda path=one.path: path.unlink(missing_ok=True))


@transaction.atomic
def choose_licence(city: Place, licence: str, by: User) -> None:
    """Choose the licence of a city's editions from now on; those made keep theirs.

    Raises
    ------
    HutongError
        ``bad-licence``.
    """
    if licence not in licences():
        raise HutongError(
            "bad-licence",
            Text("没有这种许可。", "There is no such licence."),
            Text("请从列表中选择。", "Choose one of the list."),
        )
    if selectors.licence_of(city).id != licence:
        Terms.objects.create(place=city, licence=licence, person=by)
        ledger.record("data.licensed", {"city": city.code, "licence": licence}, place=city, by=by)


def monthly() -> int:
    """Make the edition of each month's last day for the cities whose office has begun to publish; return how many."""
    last = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
    begun = Place.objects.filter(data_editions__date__lt=last).exclude(data_editions__date=last).distinct()
    return len([make(city, last) for city in begun])
