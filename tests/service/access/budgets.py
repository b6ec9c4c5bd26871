"""What the pages of budgets are opened on: a draft, an open one and one that was counted."""

from __future__ import annotations


def subjects(town, owner):
    from hutong.service.budgets import services
    from tests.service.test_budgets import make_budget

    draft, open_, closed = make_budget(town, open_=False), make_budget(town), make_budget(town)
    services.enter_paper(closed, [{"card": "B1", "projects": "1 2"}])
    services.close(closed, owner)
    all_ = {name: {"pk": b.pk} for name, b in (("draft", draft), ("open", open_), ("closed", closed))}
    pages = ("", "_projects", "_open", "_vote", "_paper", "_close")
    return {**{f"budget{page}": all_ for page in pages}, "budget_result": {"closed": {"pk": closed.pk}}}
