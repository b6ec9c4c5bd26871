"""What the pages of the council are opened on: a draft, a process that collects, and one that is being built."""

from __future__ import annotations

import uuid


def subjects(town, owner):
    from hutong.service.accounts.models import User
    from hutong.service.council import services
    from hutong.service.council.drafts import services as drafts
    from tests.service.test_council import make_process, unit_of

    unit = unit_of(town)
    found = {}
    for name, phase in (("draft", "draft"), ("open", "collect"), ("closed", "answer")):
        found[name] = {"pk": make_process(town, phase, unit=unit).pk}
    open_ = services.Process.objects.get(pk=found["open"]["pk"])
    s = services.write(services.NewStatement(open_, "门口装一个扶手", "proposal"))
    hidden = services.write(services.NewStatement(open_, "广告：上门通下水"))
    services.moderate(hidden, "hide", owner, "advertising")
    given = services.answer(s.owed, "taken", "明年三月前装好，费用由维修资金支付。", owner)
    officer = User.objects.get(
        username__startswith="department", grants__place__path__startswith=town.city.path
    )
    from hutong.service.requests.services import join

    join(officer, unit)
    one = {"": {"pk": s.pk}, "hidden": {"pk": hidden.pk}}
    text = drafts.put(make_process(town, "discuss", unit=unit), "文稿", "第一段", None, uuid.uuid4())
    said = drafts.comment(text.paragraphs.get(), owner, "这里写具体些", uuid.uuid4())
    pages = (
        "process", "opinions", "move", "cards", "mine", "write", "alike", "paper", "moderate",
    )  # fmt: skip
    return {
        **{f"council_{page}": found for page in pages},
        "council_draft_new": {**found, "built": {"pk": make_process(town, "build", unit=unit).pk}},
        "council_draft": {"": {"pk": text.pk}},
        "council_comment": {"": {"pk": text.paragraphs.get().pk}},
        "council_comment_answer": {"": {"pk": said.pk}},
        "council_comment_hide": {"": {"pk": said.pk}},
        "council_statement": one,
        "council_moderate_one": one,
        "council_answer": {"": {"pk": s.owed.pk}},
        "council_answer_text": {"": {"pk": given.pk}},
    }
