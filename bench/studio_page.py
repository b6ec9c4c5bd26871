"""Time of a change on the studio page: a form is sent, the draft is kept, the answer says what the whole scheme does.

Run: python bench/studio_page.py [dwellings]   (45,000 dwellings make about 1,900 residential buildings)
It makes a site of its own in a temporary folder.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

#: The header of an answer to a change that was taken.
TAKEN = "HX-Trigger-After-Settle"


def timed(what: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall and CPU seconds of one call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    out = what()
    return time.perf_counter() - wall, time.process_time() - cpu, out


def quiet(_done: int, _total: int, _what: object) -> None:
    """Take progress and say nothing."""


def main() -> None:
    dwellings = int(sys.argv[1]) if len(sys.argv) > 1 else 45_000
    folder = tempfile.mkdtemp(prefix="hutong-bench-studio-")
    os.environ |= {"HUTONG_DATA": folder, "DJANGO_SETTINGS_MODULE": "hutong.service.settings"}
    os.environ.pop("DATABASE_URL", None)
    from hutong.service.setup import ready

    ready()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    found, run = make_site(dwellings, Path(folder))
    from hutong.service.schemes import warm

    wall, cpu, _ = timed(lambda: warm.lay_out(run, quiet))
    size = warm.file_of(run).stat().st_size / 1e6
    print(f"laid out in {wall:.1f} s wall, {cpu:.1f} s CPU; kept in {size:.0f} MB")
    client = Client()
    client.force_login(found.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    fill(found, run)
    wall, cpu, page = timed(lambda: client.get(f"/schemes/{found.pk}/studio"))
    assert page.status_code == 200
    print(f"first page (the studio is read, all is weighed): {wall:.2f} s wall, {cpu:.2f} s CPU")
    for what, deed in (("year", later), ("package", fewer), ("taken out", nothing)):
        times = [timed(lambda n=n, d=deed: change(client, found, n, d)) for n in some(found)]
        report(f"a change ({what}), answered", [t for t in times if TAKEN in t[2]])
    report(
        "a change (terms), page and all",
        [timed(lambda y=y: terms(client, found, y)) for y in (15, 18, 22, 25)],
    )
    report("the map's colours after it", [timed(lambda: client.get(f"/schemes/{found.pk}/layer"))])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def make_site(dwellings: int, folder: Path) -> tuple[Any, Any]:
    """Import and check a made quarter; return an empty scheme on it and its checkup."""
    from hutong.city import make_quarter
    from hutong.service.accounts import services as accounts
    from hutong.service.checkup.services import make_checkup
    from hutong.service.places.services import NewPlace, make_place
    from hutong.service.schemes import services
    from hutong.service.twin.services import import_city
    from hutong.text import Text

    place = None
    for level in ("city", "district", "subdistrict", "quarter"):
        place = make_place(place, NewPlace(level, level, Text(level, level)))
    path = make_quarter(dwellings=dwellings, seed=1).save(folder / "made")
    wall, cpu, snapshot = timed(lambda: import_city(path, place, None, quiet))
    print(f"imported in {wall:.0f} s wall, {cpu:.0f} s CPU")
    run = make_checkup(snapshot, None, "beijing", None, quiet)
    owner = accounts.make_user("bench", "a-long-password-1")
    accounts.grant(owner, "operator", place, verified="office")
    return services.open_scheme(services.NewScheme(place, run, Text("试", "bench"), owner)), run


def fill(found: Any, run: Any) -> None:
    """Choose something at every object that has an option."""
    from hutong.plan.document import Choice, SchemeDocument
    from hutong.service.schemes import warm
    from hutong.service.schemes.drafting import services as drafting
    from hutong.text import Text

    with warm.studio_of(run) as held:
        options = held.studio.desk.options
        ids, packages = options.objects.ids, options.package_ids()
        first = np.flatnonzero(np.diff(options.object, prepend=-1))
        choices = {
            ids[options.object[i]]: Choice(tuple(packages[i].split("+")), options.offers[options.offer[i]].id)
            for i in first
        }
        members = held.studio.objects.members.size
    print(f"{members} residential buildings, {len(options)} options, {len(choices)} choices")
    drafting.bring_in(found, SchemeDocument("b", Text("b", "b"), choices=choices), found.owner, 0)
    found.refresh_from_db()


def some(found: Any) -> list[str]:
    """Return eleven objects spread over the draft."""
    names = list(found.draft["choices"])
    return names[:: max(len(names) // 10, 1)][:11]


def later(measures: list[str], offer: str, year: int) -> dict[str, Any]:
    """Begin works a year later."""
    return {"measures": measures, "offer": offer, "year": str(year + 1)}


def fewer(measures: list[str], offer: str, year: int) -> dict[str, Any]:
    """Leave the last measure of a package out; many such packages were never weighed."""
    return {"measures": measures[: max(len(measures) - 1, 1)], "offer": offer, "year": str(year)}


def nothing(_measures: list[str], _offer: str, _year: int) -> dict[str, Any]:
    """Leave an object as it is."""
    return {"measures": [], "offer": "", "year": "0"}


def terms(client: Any, found: Any, years: int) -> Any:
    """Set the years of the concession and load the page anew, as it answers."""
    found.refresh_from_db()
    client.post(
        f"/schemes/{found.pk}/terms", {"concession_years": str(years), "revision": str(found.revision)}
    )
    page = client.get(f"/schemes/{found.pk}/studio")
    assert page.status_code == 200, page.status_code
    return page


def change(client: Any, found: Any, name: str, deed: Callable[[list[str], str, int], dict[str, Any]]) -> Any:
    """Change one object."""
    found.refresh_from_db()
    measures, offer, year = found.draft["choices"][name]
    sent = {**deed(measures, offer, year), "revision": str(found.revision)}
    answer = client.post(f"/schemes/{found.pk}/put/{name}", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.status_code
    assert TAKEN in answer or deed is fewer  # what is left of a package may need what was left out
    return answer


def report(what: str, times: list[tuple[float, float, Any]]) -> None:
    """Print the median and the worst of some calls."""
    wall, cpu = np.array([t[0] for t in times]), np.array([t[1] for t in times])
    print(
        f"{what}: median {np.median(wall):.2f} s wall, {np.median(cpu):.2f} s CPU; worst {wall.max():.2f} s, {cpu.max():.2f} s CPU ({len(times)})"
    )


if __name__ == "__main__":
    main()
