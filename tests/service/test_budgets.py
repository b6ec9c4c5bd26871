"""Small works, live: one ballot each, sealed until it closes, and the result of both rules as the package counts it."""

import hashlib
import io
import uuid

import pytest

from hutong.errors import HutongError
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
    assert (whole["gain"], whole["lose"], whole["none_first"], whole["none_second"]) == (4, 6, 4, 0)
    body = browser().get(f"{first.url}/result.json").content
    assert (
        Entry.objects.get(act="decision.taken").value["public"]["digest"] == hashlib.sha256(body).hexdigest()
    )
    assert "西扶手" in page(browser(), first.url)
    for path in ("vote", "paper", "close", "open", "projects"):
        assert street.post(f"{first.url}/{path}").status_code == 403


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
