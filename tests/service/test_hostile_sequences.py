"""Forms sent twice, late, with keys of other things or with somebody else's mark: one thing is made, or a sentence says why not.

The forms are those that the site's own pages show (``forms.py``), filled plainly. By default a sample, spread by the names of
pages; ``-m slow`` takes every page.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest

from tests.service.forms import Form, filled
from tests.service.test_hostile import ONE_IN, forms_at, gets, in_words, opened

#: What may be written again: notes of who did what, the index of search, counts of tries.
NOTES = {
    "search.Document", "ledger.Checkpoint", "my_home.Look", "consent.Look", "residents.Try", "sessions.Session",
    "axes.AccessLog", "axes.AccessAttempt", "jobs.ChoreFault", "django_tasks_database.DBTaskResult",
}  # fmt: skip


@contextmanager
def taken_back():
    """Undo what is written inside."""
    from django.core.cache import cache
    from django.db import transaction

    point = transaction.savepoint()
    cache.clear()
    yield
    transaction.savepoint_rollback(point)


@contextmanager
def made():
    """Yield a list that holds afterwards the kinds of the rows that were made inside and stand: what is tried and undone does not."""
    from django.db.models import QuerySet
    from django.db.models.signals import post_save

    rows: list[str] = []
    tried: list = []
    bulk = QuerySet.bulk_create

    def one(sender, instance, created=False, **_):
        if created and sender._meta.label not in NOTES:
            tried.append(instance)

    def many(self, objs, *args, **kwargs):
        done = bulk(self, list(objs), *args, **kwargs)
        tried.extend(row for row in done if self.model._meta.label not in NOTES)
        return done

    post_save.connect(one, weak=False)
    QuerySet.bulk_create = many
    try:
        yield rows
    finally:
        QuerySet.bulk_create = bulk
        post_save.disconnect(one)
        rows += [r._meta.label for r in tried if type(r)._base_manager.filter(pk=r.pk).exists()]


def sent(one, form: Form, values: dict) -> tuple[int, object, list[str]]:
    """Send a form, keep what it did, and return the status, the answer and the kinds of the rows that it made."""
    from django.db import transaction

    from tests.service.crowd import ENGLISH

    with made() as rows:
        try:
            with transaction.atomic():
                answer = one.client.post(form.action, values, headers=ENGLISH)
        except Exception as caught:
            return 500, f"{type(caught).__name__}: {caught}", rows
        return answer.status_code, answer, rows


def told(status: int, answer: object) -> bool:
    """Return whether a form was taken, or refused in words."""
    return status < 400 or (status < 500 and in_words(answer))


def forms_of_page(crowd, page: str, seen: set, everybody: bool):
    """Yield who opened a page, a form of it that was not met before, and all its forms."""
    for one in opened(crowd, page, everybody):
        forms = forms_at(one)
        for form in forms:
            key = (re.sub(r"\d+", "#", form.action), form.shape)
            if key not in seen:
                seen.add(key)
                yield one, form, forms


def repeated(crowd, page: str, seen: set, taken: set, everybody: bool) -> list[str]:
    """Send each form twice, then the other forms of the page as they were before it."""
    wrong = []
    for one, form, forms in forms_of_page(crowd, page, seen, everybody):
        at = f"{form.action} from {one.path} as {one.who}"
        with taken_back():
            status, answer, first = sent(one, form, filled(form))
            if not told(status, answer):
                wrong.append(f"{at}: {status} {answer}")
            if status not in (200, 302) or not first:
                continue
            taken.add(re.sub(r"\d+", "#", form.action))
            status, answer, second = sent(one, form, filled(form))
            if not told(status, answer):
                wrong.append(f"{at}, again: {status} {answer}")
            if second:
                wrong.append(f"{at}, again: makes {', '.join(sorted(set(second)))} twice")
            for late in forms:
                status, answer, _ = sent(one, late, filled(late))
                if not told(status, answer):
                    wrong.append(
                        f"{late.action} from {one.path} as {one.who}, after {form.action}: {status} {answer}"
                    )
    return wrong


def keys_of_others() -> list[str]:
    """Return keys of things elsewhere: of every model one row that lies in the other city, and places there."""
    from hutong.service.accounts.models import User
    from hutong.service.places.models import Place

    far = Place.objects.filter(path__startswith="/far").values_list("pk", flat=True)
    return [
        *map(str, far),
        *(str(pk) for pk in User.objects.order_by("-pk").values_list("pk", flat=True)[:3]),
    ]


def tokens_of_others() -> list[str]:
    """Return marks of forms that were sent before, of each kind of thing one."""
    from django.apps import apps
    from django.db import models

    out = []
    for model in apps.get_models():
        names = [f.name for f in model._meta.concrete_fields if isinstance(f, models.UUIDField)]
        out += [str(v) for name in names for v in model.objects.values_list(name, flat=True)[:1]]
    return out


def forged(crowd, page: str, seen: set, tried: set, everybody: bool) -> list[str]:
    """Send each form with the key of something else in each field that names one, and with marks that were used."""
    wrong = []
    keys, tokens = keys_of_others(), tokens_of_others()
    for one, form, _forms in forms_of_page(crowd, page, seen, everybody):
        at = f"{form.action} from {one.path} as {one.who}"
        for field in form.fields:
            options = [*field.options, field.value]
            if field.kind in ("select", "radio", "checkbox", "hidden") and any(o.isdigit() for o in options):
                for key in [k for k in keys if k not in options][:4]:
                    tried.add((form.action, field.name))
                    with taken_back():
                        status, answer, rows = sent(one, form, {**filled(form), field.name: key})
                    if not told(status, answer):
                        wrong.append(f"{at}, {field.name}={key}: {status} {answer}")
                    elif status == 302 and rows:
                        wrong.append(f"{at}, {field.name}={key}: was taken and made {sorted(set(rows))}")
            if field.kind == "hidden" and field.name == "token":
                for token in tokens:
                    tried.add((form.action, field.name))
                    with taken_back():
                        status, answer, _ = sent(one, form, {**filled(form), "token": token})
                    if not told(status, answer):
                        wrong.append(f"{at}, a mark used elsewhere: {status} {answer}")
    return wrong


def test_a_form_sent_twice_or_late_makes_one_thing(crowd):
    seen: set = set()
    taken: set = set()
    wrong = [f for page in gets()[::ONE_IN] for f in repeated(crowd, page, seen, taken, False)]
    assert not wrong, "\n".join(wrong)
    assert len(taken) > 3, taken


def test_a_form_takes_no_key_that_it_did_not_offer(crowd):
    seen: set = set()
    tried: set = set()
    wrong = [f for page in gets()[::ONE_IN] for f in forged(crowd, page, seen, tried, False)]
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 5, tried


@pytest.mark.slow
def test_every_form_sent_twice_or_late_makes_one_thing(crowd):
    seen: set = set()
    taken: set = set()
    wrong = [f for page in gets() for f in repeated(crowd, page, seen, taken, True)]
    assert not wrong, "\n".join(wrong)
    assert len(taken) > 25, taken


@pytest.mark.slow
def test_every_form_takes_no_key_that_it_did_not_offer(crowd):
    seen: set = set()
    tried: set = set()
    wrong = [f for page in gets() for f in forged(crowd, page, seen, tried, True)]
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 25, tried
