"""Drafts, live: numbered paragraphs, comments where they belong, answers beside them."""

import uuid

from tests.service.test_council import SCRIPT, browser, make_process, page, post


def test_a_draft_is_commented_on_and_answered_paragraph_by_paragraph(town):
    from hutong.service.council.models import Comment, Draft, Paragraph

    of = make_process(town, "discuss")
    planner, neighbour = browser(town.person("planner")), browser(town.person("resident_owner"))
    form = {
        "title": "改造方案",
        "text": "先修管道。\n\n再装扶手，\n六个楼门。\n\n\n",
        "token": str(uuid.uuid4()),
    }
    first, again = (post(planner, f"/council/{of.pk}/draft", **form) for _ in range(2))
    assert first.url == again.url
    d = Draft.objects.get()
    assert [p.words for p in d.paragraphs.all()] == ["先修管道。", "再装扶手， 六个楼门。"]
    assert "改造方案" in page(browser(), f"/council/{of.pk}")
    second = Paragraph.objects.get(n=2)
    said = {"words": "为什么只有六个？", "token": str(uuid.uuid4())}
    for _ in range(2):
        post(neighbour, f"/council/paragraph/{second.pk}/comment", **said)
    assert neighbour.post(f"/council/paragraph/{second.pk}/comment", {"words": "？"}).status_code == 400
    assert neighbour.post("/council/paragraph/999999/comment", said).status_code == 404
    c = Comment.objects.get()
    assert "not answered yet" in page(browser(), first.url)
    assert neighbour.post(f"/council/comment/{c.pk}/answer", {"words": "自己答复"}).status_code == 403
    for _ in range(2):
        post(planner, f"/council/comment/{c.pk}/answer", words="明年再装另外六个。")
    assert planner.post(f"/council/comment/{c.pk}/answer", {"words": "改口"}).status_code == 400
    assert "明年再装另外六个。" in page(browser(), first.url)
    clerk = browser(town.person("committee"))
    assert clerk.post(f"/council/comment/{c.pk}/hide", {"reason": "dislike"}).status_code == 400
    post(clerk, f"/council/comment/{c.pk}/hide", reason="off_topic")
    assert "为什么只有六个" not in page(browser(), first.url)
    assert Comment.objects.get().words == said["words"]  # kept


def test_comments_belong_to_the_discussion_and_an_empty_draft_is_none(town):
    from hutong.service.council.drafts import services

    of = make_process(town, "collect")
    planner, neighbour = browser(town.person("planner")), browser(town.person("resident_owner"))
    form = {"title": "空稿", "text": "\n \n", "token": str(uuid.uuid4())}
    assert planner.post(f"/council/{of.pk}/draft", form).status_code == 400
    d = services.put(of, "文稿", "一段", None, uuid.uuid4())
    address = f"/council/paragraph/{d.paragraphs.get().pk}/comment"
    assert neighbour.post(address, {"words": "太早了吧"}).status_code == 403
    assert [services.put(of, "文稿", "一段", None, uuid.uuid4()).n for _ in range(2)] == [2, 3]


def test_what_is_typed_is_never_markup(town):
    of = make_process(town, "discuss")
    planner, neighbour = browser(town.person("planner")), browser(town.person("resident_owner"))
    url = post(planner, f"/council/{of.pk}/draft", title=SCRIPT, text=SCRIPT, token=str(uuid.uuid4())).url
    from hutong.service.council.models import Comment, Paragraph

    post(neighbour, f"/council/paragraph/{Paragraph.objects.get().pk}/comment", words=SCRIPT, token=SCRIPT)
    post(planner, f"/council/comment/{Comment.objects.get().pk}/answer", words=SCRIPT)
    for path in (url, f"/council/{of.pk}"):
        for reader in (planner, neighbour, browser()):
            got = reader.get(path).content.decode()
            assert SCRIPT not in got
            assert "style=" not in got
