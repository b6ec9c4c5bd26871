"""What the pages of projects are opened on: a draft, and a project that is being built, in the first quarter."""

from __future__ import annotations

import uuid

from tests.service.projects_town import PDF, apply, to_works


def subjects(town, owner):
    from django.utils import timezone

    from hutong.service.accounts import services as accounts
    from hutong.service.projects import services
    from hutong.service.projects.things import services as things
    from hutong.service.requests.photos import Picture
    from hutong.service.web.papers import of_bytes

    officer = accounts.make_user("project-officer", "a-long-password-1")
    draft = apply(town, officer)
    built = to_works(apply(town, officer), officer)
    seen = things.inspect(
        built, timezone.localdate(), "墙面渗水", officer, token=uuid.uuid4(), defect=True,
        photos=[Picture(b"jpeg", "site.jpg", 1, 1)],
    )  # fmt: skip
    hidden = services.hand_in(built, "scheme", of_bytes(PDF + b"hidden", "a.pdf"), officer)
    shown = services.hand_in(built, "scheme", of_bytes(PDF + b"shown", "b.pdf"), officer, public=True)
    review = services.ask(
        built, "water", ["water"], timezone.localdate() + timezone.timedelta(days=9), officer
    )
    at, both = {"": {"pk": draft.pk}}, {"draft": {"pk": draft.pk}, "listed": {"pk": built.pk}}
    return {
        "project": both,
        "project_inspect": both,
        **dict.fromkeys(
            ("project_office", "project_paper", "project_scheme", "project_vote", "project_settle", "project_review", "project_task",
             "project_progress", "project_disclose"), at,
        ),
        "project_move": {"": {"pk": draft.pk, "event": "willingness.willing"}},
        "thing_open": {"": {"pk": draft.pk, "machine": "permit"}},
        "review_opinion": {"": {"pk": review.pk}},
        "review_conclude": {"": {"pk": review.pk, "outcome": "returned"}},
        "paper": {"office": {"pk": hidden.pk}, "public": {"pk": shown.pk}},
        "site_photo": {"": {"pk": seen.photos.get().pk}},
        "thing": {"": {"pk": seen.defect.pk}},
        "thing_do": {"": {"pk": seen.defect.pk, "event": "accept"}},
    }  # fmt: skip
