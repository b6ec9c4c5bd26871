"""The demo: a fictional quarter in a fictional city, with an account for every role. Passwords are made at loading."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from hutong.act.cases import default_catalogue
from hutong.city import City, make_quarter
from hutong.loop import Progress
from hutong.service.accounts import services as accounts
from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.bodies import demo as bodies
from hutong.service.budgets import demo as budgets
from hutong.service.checkup import services as checkup
from hutong.service.consent import demo as consent
from hutong.service.council import demo as council
from hutong.service.evaluation import demo as evaluation
from hutong.service.lettings import demo as lettings
from hutong.service.meters import demo as meters
from hutong.service.my_home import demo as my_home
from hutong.service.neighbourhood import demo as neighbourhood
from hutong.service.open_data import demo as open_data
from hutong.service.operation import demo as operation
from hutong.service.places import services as places
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.service.places.services import NewPlace
from hutong.service.profiles import demo as profiles
from hutong.service.projects import demo as projects
from hutong.service.requests import services as requests
from hutong.service.requests.demo import load as load_requests
from hutong.service.requests.models import Unit
from hutong.service.residents import demo as residents
from hutong.service.schemes import demo as schemes
from hutong.service.schemes.selectors import published_versions
from hutong.service.simulation import demo as simulation
from hutong.service.surveys import demo as surveys
from hutong.service.twin import services as twin
from hutong.service.twin.models import Snapshot
from hutong.text import Text

CITY = NewPlace("city", "demo", Text("示例市", "Demo city"))
DISTRICT = NewPlace("district", "district", Text("示例区", "Demo district"))
SUBDISTRICT = NewPlace("subdistrict", "subdistrict", Text("示例街道", "Demo subdistrict"))
DWELLINGS, SEED = 1200, 1
DATES = ("2025-01-01", "2026-01-01")
#: Two small subdistricts beside it, of a quarter each (code, name, homes, seed), so that its profile finds a place alike: how far
#: places lie apart is reckoned by their spread, for which two are too few. What it learns of is the first of them.
OTHERS = (("north", Text("示例北街道", "Demo north subdistrict"), 300, 2), ("south", Text("示例南街道", "Demo south subdistrict"), 300, 7))  # fmt: skip
#: How residents rate the demo's operation, 1 to 5; fewer than five ratings are counted and not shown.
RATINGS = (("resident-owner", 4), ("resident-tenant", 5))
#: Letters and digits that are not mistaken for one another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def is_empty() -> bool:
    """Return whether the site has neither places nor people."""
    return not Place.objects.exists() and not User.objects.exists()


def load_demo(step: Progress) -> dict[str, tuple[Text, str]]:
    """Load the demo quarter and its accounts; return each account's role and its new password."""
    city = places.make_place(None, CITY)
    district = places.make_place(city, DISTRICT)
    subdistrict = places.make_place(district, SUBDISTRICT)
    quarter = places.make_place(
        subdistrict, NewPlace("quarter", "quarter", Text("虚构街区", "Fictional quarter"))
    )
    at = {"city": city, "district": district, "subdistrict": subdistrict, "quarter": quarter}
    made = make_accounts(at)
    make_units(district)
    load_snapshots(quarter, step)
    load_requests(quarter)
    meters.load(quarter)
    people = {
        name: accounts.make_user(name, made.setdefault(name, (title, new_password()))[1], title.zh)
        for name, title in residents.PEOPLE.items()
    }
    officer = User.objects.get(username="committee")
    residents.load(quarter, people, officer)
    neighbourhood.load(quarter, people)
    surveys.load(quarter, officer)
    load_council(quarter, people["resident-owner"])
    bodies.load(district, quarter)
    load_others(district, step)
    load_projects(quarter)
    schemes.load(
        quarter, {n: User.objects.get(username=n) for n in ("operator", "planner", "district")}, step
    )
    budgets.load(quarter, User.objects.get(username="subdistrict"))
    consent.load(quarter)
    office = User.objects.get(username="subdistrict")
    operator = User.objects.get(username="operator")
    lettings.load(quarter, office, operator)
    my_home.load(quarter, office, operator)
    load_learning(quarter)
    profiles.load()
    open_data.load(city)
    return made


def load_learning(quarter: Place) -> None:
    """Put a question to the model, and evaluate the demo's earlier year."""
    first, last = Snapshot.objects.filter(place=quarter).order_by("date")[:2]
    office = User.objects.get(username="district")
    (version,) = published_versions(quarter)
    simulation.load(version, office)
    evaluation.load(first, last, office)


def load_council(quarter: Place, resident: User) -> None:
    """Let the demo's subdistrict ask the quarter what to renew first, and answer; and put a draft up for comment."""
    office = User.objects.get(username="subdistrict")
    unit = Unit.objects.get(code="subdistrict")
    requests.join(office, unit)
    council.load(quarter, unit, office)
    council.load_draft(quarter, unit, office, resident)


def load_projects(quarter: Place) -> None:
    """Make projects in the first estate of the quarter, and an operation."""
    estate = within(quarter, "estate").order_by("path")[0]
    who = {name: User.objects.get(username=name) for name in ("operator", "district", "council-member")}
    projects.load(estate, who["operator"], who["district"], who["council-member"])
    raters = [(User.objects.get(username=n), score) for n, score in RATINGS]
    operation.load(quarter, who["operator"], who["district"], raters)


def make_units(district: Place) -> None:
    """Make the units of the dispatch catalogue; the demo's department acts for water."""
    for code, title in default_catalogue().units.items():
        unit = requests.make_unit(code, district, title)
        if code == "water":
            requests.join(User.objects.get(username="department"), unit)


def load_snapshots(quarter: Place, step: Progress) -> None:
    """Make the demo quarter on two days, import and check both, and publish them."""
    before = None
    for date in DATES:
        snapshot = _imported(quarter, make_quarter(dwellings=DWELLINGS, seed=SEED, date=date), step)
        twin.publish(snapshot)
        checkup.publish(checkup.make_checkup(snapshot, before, "beijing", None, step))
        before = snapshot


def load_others(district: Place, step: Progress) -> None:
    """Make the small subdistricts beside the demo's, published and not checked; the first has a round table that meets often."""
    for n, (code, title, dwellings, seed) in enumerate(OTHERS):
        street = places.make_place(district, NewPlace("subdistrict", code, title))
        of = Text(f"{title.zh}虚构街区", f"Fictional quarter, {title.en}")
        quarter = places.make_place(street, NewPlace("quarter", f"{code}-quarter", of))
        twin.publish(_imported(quarter, make_quarter(dwellings=dwellings, seed=seed, date=DATES[-1]), step))
        if n == 0:
            bodies.load_neighbour(quarter)


def _imported(quarter: Place, city: City, step: Progress) -> Snapshot:
    with tempfile.TemporaryDirectory(prefix="hutong-demo-") as folder:
        return twin.import_city(city.save(Path(folder) / "quarter"), quarter, None, step)


def make_accounts(at: dict[str, Place]) -> dict[str, tuple[Text, str]]:
    """Make one account per role at the largest of the places given where it may be held."""
    out = {}
    for role in roles().values():
        place = next((at[level] for level in role.levels if level in at), None)
        if place is None:
            continue
        name = role.id.replace("_", "-")
        password = new_password()
        user = accounts.make_user(name, password, role.title.zh)
        accounts.grant(user, role.id, place, verified="office")
        out[name] = (role.title, password)
    return out


def new_password() -> str:
    """Return a password of 60 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
