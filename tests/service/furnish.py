"""Puts onto a running site, beside its demo, one of everything that the access tables open, for a sweep of its pages.

``python -m tests.service.furnish FOLDER`` prints the addresses as JSON. The site's data folder is ``FOLDER``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from pathlib import Path


def town(quarter):
    """Return a quarter with an estate more, as the tests know a town; there is no other to go to."""
    from hutong.service.places.selectors import chain, within
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text
    from tests.service.conftest import Town

    levels = {place.kind: place for place in chain(quarter)}
    levels["block"] = within(levels["quarter"], "block").order_by("path").first()
    name = Text("近处", "Near")
    levels["estate"] = make_place(levels["block"], NewPlace("estate", "near-estate", name))
    levels["building"] = make_place(levels["estate"], NewPlace("building", "near-building", name))
    return Town(**levels, elsewhere=levels)


#: As long as registers and maps have them; half of it is one word.
LONG = ("机床厂职工住宅北区w1003840127s0000309号楼", "Building w1003840127s0000309 of the machine-tool works’ residential quarter")  # fmt: skip


def long_names() -> None:
    """Give the demo owner's home, and what it lies in, names as a real quarter has them: pages are laid out for those too."""
    from hutong.service.accounts.models import User
    from hutong.service.neighbourhood.selectors import doors
    from hutong.service.places.models import Place

    path = max(path for path, _ in doors(User.objects.get(username="resident-owner")))
    here = Place.objects.get(path=path)
    Place.objects.filter(pk__in=(here.pk, here.parent_id)).update(name_zh=LONG[0], name_en=LONG[1])


def drafted(quarter) -> tuple[int, int]:
    """Import and check another day of the demo's quarter, which nobody publishes; return the keys of both."""
    from hutong.city import make_quarter
    from hutong.service import demo
    from hutong.service.checkup.services import make_checkup
    from hutong.service.twin.services import import_city
    from tests.service.conftest import quiet

    with tempfile.TemporaryDirectory() as folder:
        made = make_quarter(dwellings=demo.DWELLINGS, seed=demo.SEED, date="2026-06-01")
        snapshot = import_city(made.save(Path(folder) / "quarter"), quarter, None, quiet)
    return snapshot.pk, make_checkup(snapshot, None, "beijing", None, quiet).pk


def by_residents() -> list[str]:
    """Let the demo's owner answer the open vote; return the receipt's address, and that at which they vouch for the newcomer."""
    from django.urls import reverse

    from hutong.service.accounts.models import User
    from hutong.service.consent import clock
    from hutong.service.consent.ballots import selectors, services
    from hutong.service.consent.ballots.box import SAID
    from hutong.service.consent.models import Ballot
    from hutong.service.residents.models import Residence

    owner = User.objects.get(username="resident-owner")
    voters = (
        (b, v)
        for b in Ballot.objects.filter(state="open")
        for v in selectors.voters_of(owner, b, clock.now())
    )
    ballot, voter = next(voters)
    given = services.Answer(voter.head, voter.signer, SAID["yes"], "online", uuid.uuid4(), user=owner)
    asked = Residence.objects.get(user__username="newcomer")
    return [
        reverse("cast_receipt", args=[services.cast(ballot, given).pk]),
        reverse("vouch", args=[asked.key]),
    ]


def addresses(found) -> list[str]:
    """Return the addresses of the pages that are read."""
    from django.urls import reverse

    from tests.service.crowd import TABLE

    out = []
    for page, variants in found.items():
        if page in TABLE and TABLE[page].get("method", "GET") == "GET":
            out += [reverse(page, kwargs=parts) for parts in variants.values()]
    return list(dict.fromkeys(out))


def furnish(data: Path) -> list[str]:
    """Make the objects on the site whose data lie in a folder; return the addresses of their pages."""
    from tests.service import crowd  # sets an environment of its own, for tests

    os.environ["HUTONG_DATA"] = str(data)
    from hutong.service.setup import ready

    ready()
    from hutong.service.accounts.models import User
    from hutong.service.checkup.models import Run

    home = User.objects.get(username="resident-owner").residences.get().home
    run = Run.objects.filter(snapshot__place=home.quarter).order_by("-pk").first()
    at, seen = town(home.quarter), (run.snapshot_id, run.pk)
    office = User.objects.get(username="subdistrict")
    long_names()
    return by_residents() + addresses(crowd.subjects(at, office, (None, *drafted(at.quarter)), seen))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(furnish(Path(sys.argv[1]))))
