"""The council, live: from a draft to the review, cards without scripts, groups that are published, answers that are owed."""

import datetime as dt
import json
import uuid

import numpy as np
import pytest
from django.test import Client

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SCRIPT = "<script>alert(1)</script>"


def browser(user=None, language="en"):
    client = Client(headers={"accept-language": language})
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def unit_of(town):
    from hutong.service.requests.services import make_unit
    from hutong.text import Text

    return make_unit("water", town.district, Text("供水部门", "Water"))


def make_process(town, phase="collect", unit=None, days=30, place=None):
    from hutong.service.council import services
    from hutong.service.council.phases import ORDER
    from hutong.text import Text

    made = services.make(
        services.NewProcess(
            place or town.estate,
            unit or unit_of(town),
            Text("先改什么", "What first"),
            Text("说说看", "Tell us"),
            days,
        )
    )
    for step in ORDER:
        if phase == "draft":
            break
        made = services.move(made, step, None, "按大家的意见办")
        if step == phase:
            break
    return made


def residents(town, n):
    from hutong.service.accounts import services

    out = []
    for i in range(n):
        user = services.make_user(f"resident-{i}", None)
        services.grant(user, "resident_owner", town.building, verified="office")
        out.append(user)
    return out


def camps(town, of, n=24):
    """Two camps of n people on paper: both want a handrail, each its own way of parking."""
    from hutong.service.council import services

    texts = (
        "门口装扶手", "院里划车位", "院里不许停车", "多种几棵树", "晚上路灯亮些",
        "垃圾桶挪远些", "留一块地给孩子", "楼道里装灯",
    )  # fmt: skip
    made = [services.write(services.NewStatement(of, t)) for t in texts]
    rows = []
    for i in range(n):
        left = i % 2 == 0
        answers = (1, 1 if left else -1, -1 if left else 1, 1 if not left else 0, 1, -1 if left else 1,
                   -1 if left else 1, 0 if i in (3, 10) else 1)  # fmt: skip
        rows += [
            {"card": f"K{i:03d}", "statement": str(s.pk), "vote": str(v)}
            for s, v in zip(made, answers, strict=True)
        ]
    services.enter_paper(of, rows)
    return made


def post(client, address, **data):
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer


def page(client, address):
    got = client.get(address)
    assert got.status_code == 200, got.status_code
    return got.content.decode()


def test_the_whole_life(town):
    """Draft, statements, votes, groups, answers, a decision, works, review; each page as a person without scripts meets it."""
    from hutong.service.council import selectors, services
    from hutong.service.ledger.models import Entry
    from hutong.service.requests.services import join

    unit = unit_of(town)
    street, officer = browser(town.person("subdistrict")), town.person("department")
    join(officer, unit)
    officer, neighbour = browser(officer), browser(town.person("resident_owner"))
    form = {
        "place": town.estate.pk, "title_zh": "先改什么", "about_zh": "说说看", "unit": unit.pk,
        "answer_days": 30, "token": str(uuid.uuid4()),
    }  # fmt: skip
    first, again = post(street, "/council/new", **form), post(street, "/council/new", **form)
    assert first.url == again.url
    pk = int(first.url.rsplit("/", 1)[1])
    of = selectors.process(pk)
    assert browser().get(first.url).status_code == 403
    assert neighbour.get(f"/council/{pk}/cards").status_code == 403  # not before the phase
    post(street, f"/council/{pk}/phase", phase="collect")
    assert "Answer one by one" in page(neighbour, first.url)
    token = str(uuid.uuid4())
    for _ in range(2):
        post(neighbour, f"/council/{pk}/write", words="楼门口装一个扶手", kind="proposal", token=token)
    assert of.statements.count() == 1
    made = camps(town, selectors.process(pk))
    assert (
        "门口装扶手" in neighbour.post(f"/council/{pk}/alike", {"words": "在门口装扶手吧"}).content.decode()
    )
    # one card after another, none twice
    seen = set()
    while True:
        card = selectors.next_card(of, town_user("resident_owner"))["card"]
        if card is None:
            break
        assert card.pk not in seen
        seen.add(card.pk)
        post(neighbour, f"/council/{pk}/cards", statement=card.pk, value="1")
    assert len(seen) == len(made)
    assert "That is all" in page(neighbour, f"/council/{pk}/cards")
    services.publish(selectors.process(pk), draws=0)
    shown = page(browser(), f"/council/{pk}/opinions")
    assert "shared: all agree" in shown
    assert "门口装扶手" in shown
    assert "<svg" in shown
    handrail = made[0]
    handrail.refresh_from_db()
    assert handrail.owed.unit == unit
    for phase in ("discuss", "answer"):
        post(street, f"/council/{pk}/phase", phase=phase)
    assert neighbour.get(f"/council/{pk}/cards").status_code == 403  # nor after
    refused = street.post(f"/council/{pk}/phase", {"phase": "decide"})
    assert refused.status_code == 400
    assert "written answers are still owed" in refused.content.decode()
    assert "to be answered" in page(browser(), "/council/owed")
    for row in selectors.owed_of(of):
        token = str(uuid.uuid4())
        for _ in range(2):
            post(officer, f"/council/owed/{row.pk}", outcome="taken", words="明年三月前办好，由维修资金支付。", token=token)  # fmt: skip
    given = Entry.objects.filter(act="answer.given")
    assert given.count() == selectors.owed_of(of).count() >= 2
    assert "明年" not in "".join(given.values_list("data", flat=True))
    post(street, f"/council/{pk}/phase", phase="decide")
    assert street.post(f"/council/{pk}/phase", {"phase": "build"}).status_code == 400  # what was decided?
    post(street, f"/council/{pk}/phase", phase="build", decision="先装扶手和灯")
    assert Entry.objects.filter(act="decision.taken").count() == 1
    post(street, f"/council/{pk}/phase", phase="review")
    assert "先装扶手和灯" in page(browser(), f"/council/{pk}")
    assert street.post(f"/council/{pk}/phase", {"phase": "collect"}).status_code == 400


def town_user(name):
    from hutong.service.accounts.models import User

    return User.objects.get(username=name)


def test_a_vote_is_one_request_and_the_last_counts(town):
    from hutong.service.council import services
    from hutong.service.council.models import Vote

    of = make_process(town)
    a, b = (services.write(services.NewStatement(of, w)) for w in ("装扶手吧", "多种些树"))
    one = browser(town.person("resident_owner"))
    got = one.post(
        f"/council/{of.pk}/cards", {"statement": a.pk, "value": "1"}, headers={"hx-request": "true"}
    )
    assert got.status_code == 200
    assert "<html" not in got.content.decode()
    assert "多种些树" in got.content.decode()
    for value in ("1", "-1", "-1"):
        post(one, f"/council/{of.pk}/mine", statement=a.pk, value=value)
    assert list(Vote.objects.filter(statement=a).values_list("value", flat=True)) == [-1]
    for statement, value in ((b.pk, "2"), (b.pk, ""), ("9" * 30, "1"), ("x", "1"), (10**9, "1")):
        assert (
            one.post(f"/council/{of.pk}/cards", {"statement": statement, "value": value}).status_code == 404
        )
    other = services.write(services.NewStatement(make_process(town), "别处的意见"))
    assert one.post(f"/council/{of.pk}/cards", {"statement": other.pk, "value": "1"}).status_code == 404


def test_answers_have_a_clock(town, monkeypatch):
    """Thirty days by hand: on the 31st it is overdue, an answer after it is late, one on the last day in time."""
    from hutong.service.council import selectors, services

    of = make_process(town, days=30)
    s = services.write(services.NewStatement(of, "请修围墙", "proposal"))
    since = s.owed.since
    state = lambda day: selectors.owed_rows([s.owed], since + dt.timedelta(days=day))[0]["state"]  # noqa: E731
    assert [state(0), state(30), state(31)] == ["not_due", "not_due", "overdue"]
    s.owed.answered = since + dt.timedelta(days=30)
    assert state(40) == "on_time"
    s.owed.answered = since + dt.timedelta(days=31)
    assert state(40) == "late"


def test_only_the_unit_answers(town):
    from hutong.service.council import services
    from hutong.service.requests.services import join, leave, make_unit
    from hutong.text import Text

    s = services.write(services.NewStatement(make_process(town), "请修围墙", "proposal"))
    right, wrong = town.person("department", name="right"), town.person("department", name="wrong")
    held = join(right, unit_of(town))
    join(wrong, make_unit("police", town.district, Text("公安", "Police")))
    address = f"/council/owed/{s.owed.pk}"
    assert browser(right).get(address).status_code == 200
    assert browser(wrong).get(address).status_code == 403
    assert browser(right).post(address, {"outcome": "taken", "words": "太短", "token": str(uuid.uuid4())}).status_code == 400  # fmt: skip
    assert browser(right).post(address, {"outcome": "no", "words": "十个字以上的理由在这里", "token": str(uuid.uuid4())}).status_code == 400  # fmt: skip
    leave(held)
    assert browser(right).get(address).status_code == 403


def test_moderation_hides_with_a_reason_and_the_auditor_reads(town):
    from hutong.service.council import selectors, services

    of = make_process(town)
    s = services.write(services.NewStatement(of, "张三家电话 13800000000"))
    moderator = browser(town.person("committee"))
    assert "13800000000" in page(moderator, f"/council/{of.pk}/moderate")
    address = f"/council/statement/{s.pk}/moderate"
    assert moderator.post(address, {"action": "hide", "reason": "dislike"}).status_code == 400
    assert moderator.post(address, {"action": "burn"}).status_code == 400
    post(moderator, address, action="hide", reason="personal_data")
    shown = page(browser(), f"/council/statement/{s.pk}")
    assert "13800000000" not in shown
    assert "name, telephone number" in shown
    for path in (f"/council/{of.pk}", f"/council/{of.pk}/opinions", "/council/owed"):
        assert "13800000000" not in page(browser(), path)
    assert "13800000000" in page(browser(town.person("auditor")), f"/council/statement/{s.pk}")
    with pytest.raises(HutongError, match="not recorded"):
        services.cast(selectors.statement(s.pk), town.person("resident_owner"), 1)
    assert selectors.moderation(of).broken() is None
    assert moderator.post(address, {"action": "show", "note": ""}).status_code == 400
    post(moderator, address, action="show", note="看错了")
    assert "13800000000" in page(browser(), f"/council/statement/{s.pk}")
    # a record that was tampered with is noticed
    from hutong.service.council.models import Moderated

    Moderated.objects.filter(action="hide").update(reason="abuse")
    assert selectors.moderation(of).broken() == 0


def test_an_author_withdraws_their_own_and_nobody_elses(town):
    from hutong.service.council import services

    of = make_process(town)
    writer, other = town.person("resident_owner"), town.person("resident_tenant")
    s = services.write(services.NewStatement(of, "我写错了的话", owner=writer))
    address = f"/council/statement/{s.pk}/moderate"
    form = {"action": "hide", "reason": "withdrawn"}
    assert browser(other).post(address, form).status_code == 403
    assert browser(writer).post(address, {"action": "hide", "reason": "abuse"}).status_code == 403
    post(browser(writer), address, **form)
    s.refresh_from_db()
    assert s.hidden


def test_nothing_about_fewer_than_five_people_is_published(town):
    """Four people voted: nothing is due; with camps, no cell tells of fewer than five; a vote a day later is not told."""
    from django.utils import timezone

    from hutong.service.council import selectors, services
    from hutong.service.jobs.models import Job

    of = make_process(town)
    made = services.write(services.NewStatement(of, "装扶手吧"))
    people = residents(town, 6)
    for user in people[:4]:
        services.cast(made, user, 1)
    assert not Job.objects.filter(kind="council.publish").exists()
    for user in people[4:]:
        services.cast(made, user, 1)
    assert Job.objects.filter(kind="council.publish").count() == 1  # asked for once
    camps(town, of)
    published = services.publish(of, draws=0)
    for row in published.data["statements"]:
        assert all(cell is None or sum(cell) >= 5 for cell in row["groups"])
    assert all(d["people"] >= 5 for d in published.data["dots"])
    assert len(published.data["groups"]) == 2
    later = timezone.now() + dt.timedelta(hours=25)
    assert not selectors.publication_due(of, later)
    services.cast(made, people[0], -1)
    assert not selectors.publication_due(of, later)
    for user in people[1:5]:
        services.cast(made, user, -1)
    assert not selectors.publication_due(of, timezone.now())
    assert selectors.publication_due(of, later)
    assert json.dumps(published.data, allow_nan=False)
    again = services.publish(of, draws=0)
    assert again.state["k"] == published.state["k"]


def test_who_is_published_equals_the_plain_method(town):
    """The stored table is the public view of the votes, counted here by hand."""
    from hutong.service.council import selectors, services

    of = make_process(town)
    made = camps(town, of)
    data = services.publish(of, draws=0).data
    row = next(r for r in data["statements"] if r["id"] == made[0].pk)
    assert row["bridge"] == 1
    assert [sum(c) for c in row["groups"]] == [12, 12]
    assert [c[0] for c in row["groups"]] == [12, 12]
    matrix = selectors.votes_of(of).matrix()
    assert matrix.shape == (24, len(made))
    assert np.nansum(matrix[:, 0]) == 24


def test_a_statement_hidden_later_leaves_the_published_words(town):
    from hutong.service.council import services

    of = make_process(town)
    made = camps(town, of)
    services.publish(of, draws=0)
    assert "门口装扶手" in page(browser(), f"/council/{of.pk}/opinions")
    services.moderate(made[0], "hide", town.person("committee"), "duplicate")
    assert "门口装扶手" not in page(browser(), f"/council/{of.pk}/opinions")
    assert "门口装扶手" not in page(browser(), f"/council/{of.pk}")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("card,statement,vote\nK1,{s},赞成\nK1,999999,赞成\n", "row 3, statement"),
        ("card,statement,vote\nK1,{s},maybe\n", "row 2, vote"),
        ("card,statement,vote\n,{s},赞成\n", "row 2, card"),
        ("card,statement\nK1,{s}\n", "lacks columns: vote"),
        ("card,statement,vote\n", "no rows"),
        ("card,statement,vote\nK1,{s},赞成,more\n", "row 2"),
        ("", "no rows"),
    ],
)
def test_a_broken_paper_table_enters_nothing(town, rows, told):
    import io

    from hutong.service.council import services
    from hutong.service.council.models import Vote

    of = make_process(town)
    s = services.write(services.NewStatement(of, "装扶手吧"))
    file = io.BytesIO(rows.format(s=s.pk).encode() or b"\n")
    file.name = "votes.csv"
    got = browser(town.person("committee")).post(f"/council/{of.pk}/paper", {"file": file})
    assert got.status_code == 400
    assert told in got.content.decode()
    assert not Vote.objects.exists()


def test_paper_in_the_encoding_of_an_office(town):
    import io

    from hutong.service.council import services
    from hutong.service.council.models import Vote

    of = make_process(town)
    s = services.write(services.NewStatement(of, "装扶手吧"))
    for _ in range(2):  # the same table twice is the same votes
        file = io.BytesIO(f"card,statement,vote\nK1,{s.pk},赞成\nK2,{s.pk},反对\nK1,{s.pk},说不好\n".encode("gb18030"))  # fmt: skip
        file.name = "votes.csv"
        post(browser(town_user("committee") if _ else town.person("committee")), f"/council/{of.pk}/paper", file=file)  # fmt: skip
    assert sorted(Vote.objects.values_list("participant__card", "value")) == [("K1", 0), ("K2", -1)]


def test_what_is_typed_is_never_markup(town):
    from hutong.service.council import services
    from hutong.service.requests.services import join

    unit = unit_of(town)
    officer = town.person("department")
    join(officer, unit)
    street = browser(town.person("subdistrict"))
    made = post(
        street, "/council/new", place=town.estate.pk, title_zh=SCRIPT, title_en=SCRIPT, about_zh=SCRIPT,
        about_en=SCRIPT, unit=unit.pk, answer_days=30, token=str(uuid.uuid4()),
    )  # fmt: skip
    pk = int(made.url.rsplit("/", 1)[1])
    post(street, f"/council/{pk}/phase", phase="collect")
    writer = browser(town.person("resident_owner"))
    post(writer, f"/council/{pk}/write", words=SCRIPT, kind="proposal", token=str(uuid.uuid4()))
    s = services.Process.objects.get(pk=pk).statements.get()
    words = SCRIPT + "以上的理由在这里"
    post(
        browser(officer), f"/council/owed/{s.owed.pk}", outcome="taken", words=words, token=str(uuid.uuid4())
    )
    post(street, f"/council/statement/{s.pk}/moderate", action="hide", reason="abuse", note=SCRIPT)
    post(street, f"/council/statement/{s.pk}/moderate", action="show", note=SCRIPT)
    post(street, f"/council/{pk}/phase", phase="discuss")
    for path in ("/", "/council/", f"/council/{pk}", f"/council/{pk}/opinions", f"/council/{pk}/cards", f"/council/{pk}/mine",
                 f"/council/{pk}/write", f"/council/{pk}/moderate", f"/council/{pk}/paper", f"/council/statement/{s.pk}", "/council/owed",
                 f"/council/owed/{s.owed.pk}"):  # fmt: skip
        for reader in (writer, street, browser(officer), browser()):
            got = reader.get(path).content.decode()
            assert SCRIPT not in got, path
            assert "style=" not in got, path


def test_too_many_and_too_long(town):
    from hutong.service.council import services

    of, user = make_process(town), town.person("resident_owner")
    for i in range(services.MOST_STATEMENTS):
        services.write(services.NewStatement(of, f"第 {i} 条意见", owner=user))
    with pytest.raises(HutongError, match="Each person"):
        services.write(services.NewStatement(of, "再写一条", owner=user))
    for words in ("", "短", "长" * 141):
        with pytest.raises(HutongError, match="one idea"):
            services.write(services.NewStatement(of, words))


def test_nothing_is_written_once_a_process_moved_on(town):
    """The page may have been open before; what counts is the phase as the database has it."""
    from hutong.service.council import services

    seen = make_process(town, "discuss")
    services.move(seen, "answer", None)
    assert seen.phase == "discuss"  # as the page still has it
    with pytest.raises(HutongError, match="No statements are taken"):
        services.write(services.NewStatement(seen, "来晚了的一条意见"))
    assert not seen.statements.exists()


def test_the_sealed_text_is_what_the_ledger_covers(town):
    import hashlib

    from hutong.service.council import services
    from hutong.service.ledger.models import Entry

    s = services.write(services.NewStatement(make_process(town), "请修围墙", "proposal"))
    given = services.answer(s.owed, "partly", "先修东墙，西墙明年列入计划。", town.person("department"))
    body = browser().get(f"/council/answer/{given.pk}.json").content
    entry = Entry.objects.get(act="answer.given")
    assert entry.value["public"]["digest"] == hashlib.sha256(body).hexdigest()
    services.moderate(s, "hide", town.person("committee"), "abuse")
    assert browser().get(f"/council/answer/{given.pk}.json").status_code == 403


def test_the_next_card_is_the_lot_of_the_published_weights(town):
    from hutong.service.council import selectors, services

    of, user = make_process(town), town.person("resident_owner")
    camps(town, of)
    services.publish(of, draws=0)
    first = selectors.next_card(of, user)
    assert selectors.next_card(of, user)["card"] == first["card"]  # the same moment, the same card
    assert (first["done"], first["all"]) == (0, 8)
    services.cast(first["card"], user, 0)
    assert selectors.next_card(of, user)["card"] != first["card"]
    late = services.write(services.NewStatement(of, "新写的一条"))
    assert late.pk in {selectors.next_card(of, u)["card"].pk for u in residents(town, 25)}
