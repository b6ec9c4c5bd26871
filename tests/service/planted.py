"""Marks in what is stored, by the table ``privacy.yaml``, and what of them a reader may see.

While :func:`planting` holds, every row that a service writes gets a mark of its own in each field of words: it begins like a
formula and ends like markup, so that what leaves the site can be searched for words that the reader may not see, for markup
that was not escaped and for cells that a spreadsheet would compute. Nothing is planted by a later change: rows that
triggers keep as they are carry their marks from the beginning.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLE = yaml.safe_load(Path(__file__).with_name("privacy.yaml").read_text("utf-8"))
MARK = re.compile(rb"qzx([0-9a-f]{5})xq")
#: A mark whose end came back as markup, or broke out of an attribute.
BROKEN = re.compile(rb"qzx[0-9a-f]{5}xq(?:<b['\"<]|&lt;b['\"])")
#: The same where quotes are plain between tags.
TAG = re.compile(rb"qzx[0-9a-f]{5}xq<b['\"<]")
#: Of rows that are written in bulk so many carry marks in each field.
BULK = 3
#: Who a row belongs to, where the table does not say.
OWNERS = ("owner_id", "user_id", "person_id", "by_id")
WORDS = ("of", "own", "home", "unit", "linked", "keys", "scope")


def mark(n: int) -> str:
    """Return the ``n``-th mark."""
    return f"=qzx{n:05x}xq<b'\">"


@cache
def seen_by() -> dict[str, dict[str, Any]]:
    """Return the rule of each planted field by ``app.Model.field``."""
    rules: dict[str, dict[str, Any]] = {}
    for name, row in TABLE["private"].items():
        rules[name] = {"*": row} if isinstance(row, list) else dict(row)
        for phase, who in rules[name].items():
            if phase not in WORDS:
                rules[name][phase] = [w for one in who for w in (one if isinstance(one, list) else [one])]
    for model, fields in TABLE["public"].items():
        rules |= {f"{model}.{field}": {"*": ["everyone"]} for field in fields.split()}
    return rules


@dataclass(frozen=True)
class Planted:
    """A mark: in which field of which row."""

    name: str
    row: Any


def at(row: Any, way: str) -> Any:
    """Follow a way of names from a row; None where it ends."""
    for name in filter(None, way.split(".")):
        row = getattr(row, name, None)
    return row


class Garden:
    """All marks, by number."""

    def __init__(self) -> None:
        self.marks: list[Planted] = []
        self.seen: dict[tuple[int, int], bool] = {}
        self.phases: dict[int, list[str]] = {}

    def plant(self, row: Any, fields: list[str]) -> None:
        """Put marks into fields of a row that is about to be written."""
        for field in fields:
            name = f"{row._meta.label}.{field}"
            value, most = getattr(row, field), row._meta.get_field(field).max_length
            words = mark(len(self.marks))
            if "keys" in seen_by()[name]:
                keys = seen_by()[name]["keys"]
                if keys == "all" and isinstance(value, str):
                    setattr(row, field, words + value)
                    self.marks.append(Planted(name, row))
                elif put(value, keys, words):
                    self.marks.append(Planted(name, row))
            elif name == "accounts.User.username":  # people sign in by it: it still begins as it did
                setattr(row, field, f"{value}-{words[1:11]}")
                self.marks.append(Planted(name, row))
            elif name == "schemes.Point.answer" and not value:  # an answer has a day
                continue
            elif (
                name != "accounts.User.display_name" or len(self.marks) % 2
            ):  # without one the user name is shown
                kept = f"{words}{value}"
                setattr(row, field, kept[:most] if most else kept)
                self.marks.append(Planted(name, row))

    def allowed(self, n: int, who: str, far: bool, person: Any) -> bool:
        """Return whether a reader may see a mark."""
        planted = self.marks[n]
        rule = seen_by()[planted.name]
        row = self.fresh(n)
        phase = kind_of(row) if rule.get("of") == "staff" else at(row, rule.get("of", ""))
        name = str(phase if isinstance(phase, str | bool) else getattr(phase, "phase", "*"))
        listed = rule.get(name, rule.get("*", []))
        if "everyone" in listed or ("signed_in" in listed and person is not None):
            return True
        if (
            who in listed and (far == lies_far(row) or rule.get("scope") == "anywhere")
        ) or f"{who}!" in listed:
            return True
        return person is not None and (
            ("own" in listed and owns(row, rule, person))
            or ("home" in listed and lives(at(row, rule.get("home", "home")), person))
            or ("asked" in listed and asked_about(row, person))
            or ("linked" in listed and linked(at(row, rule.get("linked", "dwelling_id")), person))
            or ("unit" in listed and acts(at(row, rule.get("unit", "unit")), person))
        )

    @cache  # noqa: B019 (a garden lives as long as its module's tests)
    def fresh(self, n: int) -> Any:
        """Return the row of a mark as it stands now."""
        row = self.marks[n].row
        return type(row)._base_manager.filter(pk=row.pk).first() or row


def owns(row: Any, rule: dict, person: Any) -> bool:
    """Return whether a row is a person's."""
    if "own" in rule:
        found = at(row, rule["own"])
        return getattr(found, "pk", found) == person.pk
    return any(getattr(row, name, None) == person.pk for name in OWNERS)


def lies_far(row: Any) -> bool:
    """Return whether a row lies in the other city: places there, grants, tokens and people who hold them."""
    path = getattr(getattr(row, "place", row), "path", "")
    if row._meta.label == "accounts.User":
        path = next((g.place.path for g in row.grants.all()), "")
    return path.startswith("/far")


def asked_about(home: Any, person: Any) -> bool:
    """Return whether a person asked to be verified at a home, or vouched for who lives there."""
    return (
        person.residences.filter(home=home).exists() or person.vouches.filter(residence__home=home).exists()
    )


def linked(dwelling: str, person: Any) -> bool:
    """Return whether a person is linked to a home of the first building for votes and applications."""
    return person.homes.filter(dwelling_id=dwelling, until=None).exists()


def kind_of(user: Any) -> str:
    """Return whether an account is of somebody who works here, of a resident, or of somebody without a role."""
    roles = [
        g.role for g in user.grants.all() if not g.role.startswith("resident_") and g.role != "council_member"
    ]
    if roles or user.units.exists():
        return "staff"
    return "resident" if user.grants.exists() else "new"


def lives(home: Any, person: Any) -> bool:
    """Return whether a person is verified at a home."""
    key = getattr(home, "pk", home)
    return person.residences.filter(home=key, state="verified").exists()


def acts(unit: Any, person: Any) -> bool:
    """Return whether a person acts for a unit, named by its row or its code."""
    given = {"unit__code": unit} if isinstance(unit, str) else {"unit": unit}
    return person.units.filter(until=None, **given).exists()


def put(value: Any, keys: list[str] | str, words: str) -> bool:
    """Put words before each text that stands under one of the keys, at any depth; return whether there was one."""
    done = False
    if isinstance(value, dict):
        for key, inner in value.items():
            if (keys == "all" or key in keys) and isinstance(inner, str) and inner:
                value[key], done = words + inner, True
            else:
                done |= put(inner, keys, words)
    elif isinstance(value, list):
        for inner in value:
            done |= put(inner, keys, words)
    return done


@contextmanager
def planting(garden: Garden):
    """Plant marks in every row that is written meanwhile."""
    from django.apps import apps
    from django.db.models import QuerySet
    from django.db.models.signals import pre_save

    fields: dict[Any, list[str]] = {}
    for name in seen_by():
        label, field = name.rsplit(".", 1)
        fields.setdefault(apps.get_model(label), []).append(field)
    bulk = QuerySet.bulk_create

    def one(sender, instance, raw=False, **_):
        if sender in fields and instance._state.adding:
            garden.plant(instance, fields[sender])

    def many(self, objs, *args, **kwargs):
        rows = list(objs)
        for row in rows[:BULK] if self.model in fields else ():
            garden.plant(row, fields[self.model])
        return bulk(self, rows, *args, **kwargs)

    pre_save.connect(one, weak=False)
    QuerySet.bulk_create = many
    try:
        yield
    finally:
        QuerySet.bulk_create = bulk
        pre_save.disconnect(one)


def households(town: Any) -> list:
    """Return two families of one building, as readers: that of the home that asked a question, and their neighbours."""
    from django.test import Client
    from django.utils import timezone

    from hutong.service.accounts import services as accounts
    from hutong.service.consent.rolls import services as rolls
    from hutong.service.my_home.models import Question
    from hutong.service.residents.models import VERIFIED, Home, Residence

    theirs = Question.objects.order_by("pk").first().home
    other = Home.objects.create(
        quarter=town.quarter,
        building=town.building,
        dwelling_id="d2",
        held="unit",
        lives_as="resident_tenant",
    )
    out = []
    for n, home in enumerate((theirs, other), 1):
        user = accounts.make_user(f"household-{n}", "a-long-password-1")
        grant = accounts.grant(user, "resident_tenant", town.building, verified="letter")
        Residence.objects.create(
            user=user,
            home=home,
            role="resident_tenant",
            state=VERIFIED,
            grant=grant,
            verified=timezone.now(),
            key=f"household-{n}",
        )
        rolls.link(user, town.building, f"d{n}", "")
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.person = user
        out.append(("resident_tenant", False, client))
    return out


def rest(town: Any, owner: Any) -> None:
    """Write a row of each kind that the pages of the walk have no object of."""
    import datetime as dt

    from django.apps import apps
    from django.utils import timezone

    from hutong.act.contracts import Return
    from hutong.service.operation import services as operation
    from hutong.service.requests import services as requests
    from tests.service.test_operation import FIRST

    def first(label: str, **by: Any) -> Any:
        return apps.get_model(label).objects.filter(**by).order_by("pk").first()

    def add(label: str, **fields: Any) -> None:
        apps.get_model(label).objects.create(**fields)

    now, today = timezone.now(), timezone.localdate()
    steps = (
        (
            "take_in",
            "intake",
            {"category": "pipes", "limit": "request.general_days_max", "reason": "先查管线"},
        ),
        ("dispatch", "intake", {"unit": "walked"}),
        ("sign_for", "unit", {}),
        ("reply", "unit", {"reply": "已换水管"}),
    )
    order = requests.NewRequest(town.building, "热线派来的工单", channel="hotline", outside_number="BJ-7")
    for case in (first("requests.Request", owner=owner), requests.file(order).request):
        for event, by, said in steps:
            unit = "walked" if by == "unit" else ""
            requests.step(type(case).objects.get(pk=case.pk), event, by, unit=unit, said=dict(said))
    scheme, project, contract = (
        first("schemes.Scheme"),
        first("projects.Project"),
        first("operation.Contract"),
    )
    thing, asset = first("projects.Thing"), first("operation.Asset")
    add("projects.Task", project=project, title="挖沟", start=today, end=today)
    add(
        "lessons.Lesson",
        place=town.quarter,
        measure="lift",
        quantity="cost",
        value=1.0,
        source="E1",
        decision="refused",
        reason="例子太少",
        person=owner,
    )
    add(
        "desk.Answer",
        quarter=town.quarter,
        indicator="reach_culture",
        scale="quarter",
        place_id="q",
        answer="watch",
        reason="明年再看",
        as_of=today,
    )
    add(
        "my_home.OfferedHome",
        project=first("consent.Project"),
        name_zh="南里",
        name_en="South Lane",
        form="public_rental",
        area_m2=50.0,
        homes=3,
        lon=116.4,
        lat=39.9,
        source="房源表",
    )
    add(
        "bodies.FollowUp", commitment=first("bodies.Commitment"), words="贴好了", done=False, at=now, by=owner
    )
    live = first("operation.Contract", state="running")
    operation.file_returns(live, [Return(str(FIRST), {"works": 1_000_000})], owner)
    asked = first("schemes.Opinion", kind="experts")
    add(
        "schemes.Point",
        opinion=asked,
        n=9,
        words="楼道宽度",
        answer="改为一米四",
        answered_at=now,
        answered_by=owner,
    )
    add(
        "schemes.SchemeDeed",
        scheme=scheme,
        n=scheme.deeds_done + 1,
        event="withdraw",
        at=now,
        by="implementer",
        said={"reason": "重做"},
        person=owner,
    )
    add(
        "projects.OpinionGiven",
        review=first("projects.ReviewRound"),
        department="water",
        verdict="agree",
        words="同意",
        at=now,
        person=owner,
    )
    add(
        "projects.ThingDeed",
        thing=thing,
        n=thing.deeds_done + 1,
        event="reject",
        at=now,
        by="operator",
        said={"reason": "不是缺陷"},
        person=owner,
    )
    add(
        "operation.ContractDeed",
        contract=contract,
        n=contract.deeds_done + 1,
        event="revise",
        at=now,
        by="office",
        said={"reason": "改期限"},
        person=owner,
    )
    add(
        "operation.AssetDeed",
        asset=asset,
        n=asset.deeds_done + 1,
        event="inspect",
        at=now,
        by="keeper",
        said={"reason": "完好"},
        person=owner,
    )
    add(
        "lettings.Fee",
        building=town.building,
        year=2025,
        households=12,
        due_yuan=100.0,
        paid_yuan=90.0,
        source="物业账",
    )
    for run in apps.get_model("checkup.Run").objects.all():
        add(
            "checkup.Change",
            run=run,
            indicator="reach_culture",
            scale="quarter",
            place_id="q",
            place_name="片区",
            verdict="better",
            reason_zh="新开了一家",
            reason_en="One more opened",
        )
    add("council.Participant", process=first("council.Process"), card="C-1")
    add(
        "jobs.ChoreFault",
        name="requests.outlook",
        failed=now,
        error="fault",
        next_try=now + dt.timedelta(minutes=5),
        failures=1,
    )
