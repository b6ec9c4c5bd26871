"""Small works, live: one ballot each, sealed until it closes, and the result of both rules as the package counts it."""

import hashlib
import io
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from tests.service.test_council import SCRIPT, browser, page, post

ROWS = [
    {"title": "东灯", "cost": "60", "label": "东"}, {"title": "东角", "cost": "40", "label": "东"},
    {"title": "西扶手", "cost": "40", "label": "西"},
]  # fmt: skip


def make_budget(town, open_=True, yuan=100):
    from hutong.service.budgets import services
    from hutong.text import Text

    made = services.make(town.quarter, Text("小额经费", "Small works"), yuan, None, uuid.uuid4())
    services.set_projects(made, ROWS)
    return services.open_budget(made, "a public seed") if open_ else made


def sheet(text):
    file = io.BytesIO(text.encode("gb18030"))
    file.name = "t.csv"
    return file


def test_the_whole_life(town):
    """Six in the east and four in the west: most votes spends all in the east, equal shares gives the west its handrail."""
    from hutong.service.budgets.models import Budget
    from hutong.service.ledger.models import Entry

    street, clerk = browser(town.person("subdistrict")), browser(town.person("committee"))
    form = {"place": town.quarter.pk, "title_zh": "小额经费", "yuan": 100, "token": str(uuid.uuid4())}
    first, again = (post(street, "/budgets/new", **form) for _ in range(2))
    assert first.url == again.url
    b = Budget.objects.get()
    assert browser().get(first.url).status_code == 403
    assert street.post(f"{first.url}/open", {"seed": "s"}).status_code == 400  # no projects
    post(
        street,
        f"{first.url}/projects",
        file=sheet("title,cost,label\n东灯,60,东\n东角,40,东\n西扶手,40,西\n"),
    )
    assert street.post(f"{first.url}/open", {"seed": ""}).status_code == 400
    post(street, f"{first.url}/open", seed="7 12 19")
    at = {p.title_zh: p for p in b.projects.all()}
    assert sorted(p.n for p in at.values()) == [1, 2, 3]
    east, west = f"{at['东灯'].n} {at['东角'].n}", str(at["西扶手"].n)
    lines = [f"B{i},{east},owner" for i in range(5)] + [f"C{i},{west},承租人" for i in range(4)]
    post(clerk, f"{first.url}/paper", file=sheet("card,projects,group\n" + "\n".join(lines) + "\n"))
    neighbour = browser(town.person("resident_owner"))
    for chosen in ([at["西扶手"].pk], [at["东灯"].pk, at["东角"].pk]):  # changes their mind
        assert neighbour.post(f"{first.url}/vote", {"project": chosen}).status_code == 302
    assert "checked" in page(neighbour, f"{first.url}/vote")
    shown = page(browser(), first.url)
    assert "Ballots</dt><dd>10<" in shown
    assert "Votes</th>" not in shown  # sealed
    post(street, f"{first.url}/close")
    b.refresh_from_db()
    names = {str(p.pk): p.title_zh for p in at.values()}
    assert {names[k] for k in b.result["greedy"]["funded"]} == {"东灯", "东角"}
    # 10 each: both works of the east cost a sixth a yuan, so the cheaper comes first and leaves 20; the west's 40 buy the handrail
    assert {names[k] for k in b.result["equal_shares"]["funded"]} == {"西扶手", "东角"}
    whole = next(g for g in b.result["groups"] if g["group"] == "all")
    assert (whole["voters"], whole["gain"], whole["lose"], whole["same"]) == (
        10,
        None,
        None,
        None,
    )  # four gain: too few to be told
    assert (whole["none_first"], whole["none_second"]) == (None, 0)
    body = browser().get(f"{first.url}/result.json").content
    assert (
        Entry.objects.get(act="decision.taken").value["public"]["digest"] == hashlib.sha256(body).hexdigest()
    )
    assert "西扶手" in page(browser(), first.url)
    for path in ("vote", "paper", "close", "open", "projects"):
        assert street.post(f"{first.url}/{path}").status_code == 403


def rows_of(b):
    """What every way out tells of a closed budget: page, sealed text, API and open data, each as title → votes."""
    import json

    from django.utils import timezone

    from hutong.service.budgets.datasets import DATASETS

    shown = browser().get(f"/budgets/{b.pk}", headers={"accept-language": "zh"}).content.decode()
    cell = r'<th scope="row">(\S+?) <small>.*?</small></th>.*?data-label="得票">([\d–]+)<'
    sealed = json.loads(browser().get(f"/budgets/{b.pk}/result.json").content)["votes"]
    [api] = [x for x in browser().get("/api/v1/budgets").json()["items"] if x["id"] == b.pk]
    columns = [c.name for c in DATASETS[0].columns]
    data = [dict(zip(columns, row, strict=True)) for row in DATASETS[0].rows(b.place, timezone.now())]
    ways = {
        "page": {title: None if n == "–" else int(n) for title, n in re.findall(cell, shown)},
        "sealed": {p.title_zh: sealed.get(str(p.pk)) for p in b.projects.all()},
        "api": {w["title"]["zh"]: w["votes"] for w in api["works"]},
        "open data": {row["work_zh"]: row["votes"] for row in data},
    }
    funded = {p.title_zh for p in b.projects.all() if str(p.pk) in b.result["equal_shares"]["funded"]}
    assert {w["title"]["zh"] for w in api["works"] if w["funded"]} == funded
    assert {row["work_zh"] for row in data if row["funded"]} == funded
    assert api["voters"] == data[0]["voters"]
    return ways, api["voters"], funded


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_votes_are_told_everywhere_or_nowhere(town, n):
    """From five ballots on what each work won, be it one vote; of fewer only what is funded, and the auditor counts again."""
    from hutong.service.budgets import services

    b = make_budget(town)
    for i in range(n):
        chosen = "1 2 3" if i == 0 else "1"
        services.enter_paper(b, [{"card": f"c{i}", "projects": chosen, "group": "owner" if i else "tenant"}])
    said = page(browser(), f"/budgets/{b.pk}")
    assert ("under 5" in said) == (n < FEWEST_PEOPLE)
    services.close(b, town.person("subdistrict"))
    b.refresh_from_db()
    ways, voters, funded = rows_of(b)
    first = {p.n: p.title_zh for p in b.projects.all()}[1]
    told = {p.title_zh: (n if p.n == 1 else 1) if n >= FEWEST_PEOPLE else None for p in b.projects.all()}
    assert ways == dict.fromkeys(ways, told)
    assert voters == (n if n >= FEWEST_PEOPLE else None)
    assert first in funded
    said = page(browser(), f"/budgets/{b.pk}")
    assert ("only what is funded is told" in said) == (n < FEWEST_PEOPLE)
    assert ("Who gains and who loses" in said) == (n >= FEWEST_PEOPLE)
    assert "Counted again" not in said
    auditor = browser(town.person("auditor"))
    said = page(auditor, f"/budgets/{b.pk}")
    assert "it is as sealed" in said
    assert (f"<li>{first}: {n}</li>" in said) == (n < FEWEST_PEOPLE)
    if n >= FEWEST_PEOPLE:
        b.papers.filter(card="c0").update(approved=[])
        assert "it is not as sealed" in page(auditor, f"/budgets/{b.pk}")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=4))
def test_no_count_of_a_group_is_small_or_follows_by_subtraction(parts):
    """Groups by how many gain, lose and stay; nothing small is told, nor the difference between the whole and what is told."""
    from hutong.service.budgets.telling import told

    def row(name, of):
        return {
            "group": name,
            "voters": sum(of),
            "gain": of[0],
            "lose": of[1],
            "same": of[2],
            "none_first": of[0],
            "none_second": of[1],
        }

    rows = [row(f"g{i}", of) for i, of in enumerate(parts)]
    whole = row("all", [sum(column) for column in zip(*parts, strict=True)])
    found = told(
        {"voters": max(whole["voters"], FEWEST_PEOPLE), "votes": {}, "groups": [*rows, whole], "labels": []}
    )
    assert told(found) == found
    *shown, all_ = found["groups"]
    for column in ("gain", "lose", "same", "none_first", "none_second"):
        values = [r[column] for r in found["groups"]]
        assert not any(v is not None and 0 < v < FEWEST_PEOPLE for v in values)
        hidden = [r for r in shown if r[column] is None]
        assert len(hidden) in (0, len(shown))
    assert all_["voters"] == whole["voters"]


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("projects", "title,cost\n灯,0\n", "row 2, cost"), ("projects", "title,cost\n灯,6.5\n", "row 2, cost"),
        ("projects", "title,cost\n灯,-6\n", "row 2, cost"), ("projects", "title,cost\n,6\n", "row 2, title"),
        ("projects", "title\n灯\n", "lacks columns: cost"), ("paper", "card,projects\nB1,9\n", "row 2, projects"),
        ("paper", "card,projects\n,1\n", "row 2, card"), ("paper", "card,projects,group\nB1,1,guest\n", "row 2, group"),
    ],
)  # fmt: skip
def test_a_broken_table_enters_nothing(town, path, text, told):
    b = make_budget(town, open_=path == "paper")
    got = browser(town.person("subdistrict")).post(f"/budgets/{b.pk}/{path}", {"file": sheet(text)})
    assert got.status_code == 400
    assert told in got.content.decode()
    assert b.projects.count() == 3
    assert not b.papers.exists()


def test_a_ballot_names_only_projects_of_its_budget(town):
    b, other = make_budget(town), make_budget(town)
    neighbour = browser(town.person("resident_owner"))
    assert (
        neighbour.post(f"/budgets/{b.pk}/vote", {"project": [other.projects.first().pk]}).status_code == 400
    )
    assert neighbour.post(f"/budgets/{b.pk}/vote", {"project": ["x"]}).status_code == 404
    assert neighbour.post(f"/budgets/{b.pk}/vote").status_code == 302  # an empty ballot is a ballot
    assert b.papers.get().approved == []


def test_nobody_chose_and_nothing_is_counted(town):
    from hutong.service.budgets import services

    with pytest.raises(HutongError, match="Nobody"):
        services.close(make_budget(town), town.person("subdistrict"))


def test_what_is_typed_is_never_markup(town):
    street = browser(town.person("subdistrict"))
    made = post(street, "/budgets/new", place=town.quarter.pk, title_zh=SCRIPT, title_en=SCRIPT, yuan=10, token=str(uuid.uuid4()))  # fmt: skip
    post(
        street,
        f"{made.url}/projects",
        file=sheet(f"title,cost,label,title_en\n{SCRIPT},5,{SCRIPT},{SCRIPT}\n"),
    )
    post(street, f"{made.url}/open", seed=SCRIPT)
    neighbour = browser(town.person("resident_owner"))
    for path in (made.url, f"{made.url}/vote", "/budgets/", "/"):
        assert SCRIPT not in page(neighbour, path)
    post(street, f"{made.url}/paper", file=sheet(f"card,projects\n{SCRIPT[:20]},1\n"))
    post(street, f"{made.url}/close")
    assert SCRIPT not in page(street, made.url)
