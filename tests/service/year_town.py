"""What a year needs beside its pages, made or read in a process of the site: ``python -m tests.service.year_town PART …``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

PASSWORD = "a-long-password-1"  # noqa: S105 (of a test)
HOMES = 9
#: The estate whose year is lived through, as :func:`hutong.city.make_quarter` makes it from seed 1: itself and its two buildings.
ESTATE, BUILDING, OTHER = "e000002", "b0000013", "b0000014"
#: The courtyard whose year is lived through, of the same quarter.
YARD = "b0000002"
#: Who the people of a town are, by the names that they sign in with; residents are ``home-1`` and so on.
PEOPLE = {
    "district": "district", "subdistrict": "subdistrict", "subdistrict-2": "subdistrict", "committee": "committee",
    "planner": "planner", "operator": "operator", "owner-unit": "owner_unit", "department": "department",
    "member": "council_member", "auditor": "auditor", "administrator": "administrator",
    "property-manager": "property_manager",
}  # fmt: skip


def quiet(_done, _total, _what) -> None:
    """Say nothing."""


def ready() -> None:
    from hutong.service.server import prepare

    prepare()


def town(kind: str) -> str:
    """Make the places, the units and everybody of a town; return the key of its estate, the code of its building, the key of its quarter."""
    from hutong.act.cases import default_catalogue
    from hutong.service import demo
    from hutong.service.accounts import services as accounts
    from hutong.service.places import services as places
    from hutong.service.places.selectors import within
    from hutong.service.requests import services as requests
    from hutong.text import Text

    city = places.make_place(None, demo.CITY)
    district = places.make_place(city, demo.DISTRICT)
    sub = places.make_place(district, demo.SUBDISTRICT)
    quarter = places.make_place(sub, places.NewPlace("quarter", "quarter", Text("片区", "The quarter")))
    units = {c: requests.make_unit(c, district, t) for c, t in default_catalogue().units.items()}
    snapshot("2026-01-01", quarter)
    building = within(quarter, "building").get(code={"estate": BUILDING, "courtyards": YARD}[kind])
    estate = building.parent
    at = {
        "city": city,
        "district": district,
        "subdistrict": sub,
        "quarter": quarter,
        "estate": estate,
        "building": building,
    }
    made = {}
    for name, role in PEOPLE.items():
        from hutong.service.accounts.roles import roles

        levels = roles()[role].levels
        place = next(
            at[p] for p in ("city", "district", "subdistrict", "quarter", "estate", "building") if p in levels
        )
        if name == "department":
            place = district
        made[name] = accounts.make_user(name, PASSWORD, name)
        accounts.grant(made[name], role, place, verified="office")
    role = resident_role(kind)
    for n in range(1, HOMES + 1):
        person = accounts.make_user(f"home-{n}", PASSWORD, f"home {n}")
        accounts.grant(person, role, building, verified="letter")
    for name, unit in (("department", "water"), ("district", "housing"), ("subdistrict", "subdistrict")):
        if unit in units:
            requests.join(made[name], units[unit])
    accounts.make_user("stranger", PASSWORD, "a stranger")
    return f"{estate.pk} {building.code} {quarter.pk}"


def resident_role(kind: str) -> str:
    """Return what the residents of a kind of town are."""
    return "resident_owner" if kind == "estate" else "resident_tenant"


def snapshot(date: str, quarter=None, renewed: bool = False) -> int:
    """Import the quarter as it is on a day, its estate renewed or not, and publish it; return its key."""
    from hutong.city import City, make_quarter
    from hutong.service.places.models import Place
    from hutong.service.twin.services import import_city, publish

    quarter = quarter or Place.objects.get(kind="quarter")
    city = make_quarter(dwellings=300, seed=1, date=date)
    if renewed:
        buildings = city["buildings"].copy()
        here = buildings["building_id"].isin((BUILDING, OTHER))
        buildings.loc[here, ["cond_pipes", "cond_envelope", "cond_access"]] = 1.0
        buildings.loc[here, "pipe_year"] = float(date[:4]) - 1
        buildings.loc[here, "insulated"] = True
        city = City.build(city.meta, {**city.tables, "buildings": buildings}, city.provenance)
    with tempfile.TemporaryDirectory() as folder:
        made = import_city(city.save(Path(folder) / "q"), quarter, None, quiet)
        publish(made)
        return made.pk


def contract(year: str) -> str:
    """Return the file of a contract of operation that begins in a year."""
    from hutong.act.contracts import contract_text
    from hutong.service.operation.demo import terms

    return contract_text(terms(int(year)))


def lessees() -> str:
    """Return the lessees of the courtyard as a table of a roll: areas of their leases, and whom their titles hold back."""
    from hutong.agree.home_facts import home_facts
    from hutong.city import City
    from hutong.service.twin.models import Snapshot

    city = City.load(Snapshot.objects.latest("pk").folder / "city")
    here = set(city["dwellings"].query("building_id == @YARD")["dwelling_id"].astype(str))
    rows = ["building,dwelling_id,holder,area_m2,tenure,held_back"]
    rows += [
        f"{YARD},{f.dwelling_id},lessee-{f.dwelling_id},{f.lease_cm2 / 10_000},{f.tenure},{''.join(f.gaps)}"
        for f in home_facts(city)
        if f.dwelling_id in here and f.roll == "lessees"
    ]
    return "\r\n".join(rows)


def homes_on_offer(until: str) -> str:
    """Return the form of homes on offer as an operator fills it in, one to be bought in part and one to be rented."""
    import datetime as dt

    from hutong.agree.homes_on_offer import HomeOnOffer, homes_form
    from hutong.sense.sheets import csv_bytes
    from hutong.service.places.models import Place
    from hutong.text import Text

    at, basis, last = Place.objects.get(code=YARD), "示例公告，虚构", dt.date.fromisoformat(until)
    offers = [
        HomeOnOffer(Text("示例南苑", "South Court"), "shared_ownership", 60.0, 40, 1_080_000, 50, None, at.lon + 0.05, at.lat, last, basis),
        HomeOnOffer(Text("示例东里", "East Lane"), "public_rental", 45.0, 25, None, None, 1_900, at.lon + 0.01, at.lat, last, basis),
    ]  # fmt: skip
    return csv_bytes(homes_form(offers)).decode()


def ledger() -> str:
    """Check the whole record; return how many entries it holds, and what does not fit."""
    from hutong.service.ledger import selectors

    return " ".join([str(selectors.size()), *(str(fault) for fault in selectors.faults())])


def improved(date: str) -> str:
    """Import the quarter as it is on a later day, its estate renewed; return its key."""
    return str(snapshot(date, renewed=True))


if __name__ == "__main__":
    ready()
    from tests.service.year_doors import doors

    parts = {
        "town": town, "improved": improved, "contract": contract, "lessees": lessees, "homes_on_offer": homes_on_offer,
        "ledger": ledger, "doors": doors,
    }  # fmt: skip
    sys.stdout.write(parts[sys.argv[1]](*sys.argv[2:]))
