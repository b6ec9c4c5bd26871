"""The only writes to consultations: publications, the process that hears a version, and what of it a statement is about."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from hutong.agree.openness import answer_days
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.council import services as council
from hutong.service.council.models import Process, Statement
from hutong.service.council.phases import OPEN
from hutong.service.council.services import NewProcess, NewStatement
from hutong.service.ledger import services as ledger
from hutong.service.lessons import services as lessons
from hutong.service.lessons.selectors import forecasts_at
from hutong.service.requests.models import Unit
from hutong.service.schemes import selectors as schemes
from hutong.service.schemes.consulting import selectors
from hutong.service.schemes.models import Publication, Remark, Scheme, Version
from hutong.service.schemes.services import act
from hutong.text import Text, written_day

#: Days after its consultation by which a vote on a scheme is looked for (ours).
VOTED_WITHIN = 365
#: A share of which nothing is known: mean and standard deviation of the even distribution on [0, 1].
KNOWING_NOTHING = (0.5, 12**-0.5)


def publish(
    found: Scheme,
    starts: dt.date,
    until: dt.date,
    person: User,
    *,
    hears: Unit | Process,
    contact: str = "",
    at: dt.datetime | None = None,
) -> Publication:
    """Publish the newest version for consultation, and keep its predicted consent as a forecast.

    Parameters
    ----------
    hears
        The unit that answers each opinion in writing, in a process of the council that is opened with the publication; or
        a process that already runs at the place.

    Raises
    ------
    HutongError
        As :func:`act`, and as :func:`process_for`.
    """
    out: list[Publication] = []

    def put_up(_locked: Scheme, about: Version) -> None:
        made = Publication.objects.create(
            version=about, starts=starts, until=until, contact=contact.strip()[:200], person=person, at=at or timezone.now(),
            process=process_for(about, hears, until, person),
        )  # fmt: skip
        public = {
            "scheme": about.scheme.number, "version": about.version, "starts": starts.isoformat(),
            "until": until.isoformat(), "digest": about.digest,
        }  # fmt: skip
        ledger.record("scheme.published", public, place=about.place, by=person, at=made.at)
        _forecast(about, until, person, made.at)
        out.append(made)

    said = {"starts": starts.isoformat(), "until": until.isoformat()}
    act(found, "publish", "district", person, said, at=at, then=put_up)
    return out[0]


def _forecast(about: Version, until: dt.date, person: User, at: dt.datetime) -> None:
    """Keep what a version is predicted to win, once; nothing where no vote is needed, or where it was computed without."""
    consent = (about.summary or {}).get("consent")
    quarter = about.scheme.run.snapshot.place
    if consent is None or forecasts_at(quarter).filter(kind="consent", source=str(about)).exists():
        return
    due, title = until + dt.timedelta(days=VOTED_WITHIN), about.scheme.title
    said = []
    for by, word in (("heads", Text("人数", "heads")), ("area", Text("面积", "area"))):
        mean, sd = consent[by]
        if sd > 0:  # certain of everybody is no forecast
            named = Text(f"{title.zh}（{about}）：赞成占全体业主（{word.zh}）", f"{title.en} ({about}): owners in favour, of all ({word.en})")  # fmt: skip
            said.append(lessons.Said("consent", by, named, due, mean, sd, *KNOWING_NOTHING))
    lessons.keep_forecasts(quarter, str(about), said, person, at)


def process_for(about: Version, hears: Unit | Process, until: dt.date, person: User) -> Process:
    """Return the process in which a version is answered: one that runs, or another in which a unit answers everything in writing.

    It is kept open through the last day of the publication.

    Raises
    ------
    HutongError
        ``not-open`` for a process that takes no statements, or in which not everybody of the place has a voice.
    """
    if isinstance(hears, Process):
        held = council.keep_open(hears, until)
        if not selectors.can_hear(held, about.place):
            raise HutongError(
                "not-open",
                Text("这个议题不在征集意见，或没有问到方案涉及的所有地方。", "That question takes no opinions, or is not put to the whole place of the scheme."),
                Text("请选正在征集的议题，或另开一个。", "Choose one that does, or let another be opened."),
            )  # fmt: skip
        return held
    title, day = about.title, written_day(until)
    about_it = Text(
        f"方案“{about.scheme.title_zh}”公布征求意见，到{day.zh}为止。哪里好，哪里要改？每条意见都有书面答复。",
        f"The scheme “{about.scheme.title_en}” is put before you until {day.en}. What is good, what should change? Each opinion gets a written answer.",
    )  # fmt: skip
    made = council.make(
        NewProcess(
            about.place, hears, Text(f"您对方案怎么看：{title.zh}"[:80], f"What do you think of the scheme: {title.en}"[:120]), about_it,
            answer_days(), person, all_owed=True,
        )
    )  # fmt: skip
    return council.move(council.keep_open(made, until), OPEN[0], person)


@dataclass(frozen=True)
class Said:
    """What somebody says of a version, and of which measure or object of it; of the whole where neither is named."""

    version: Version
    words: str
    kind: str
    owner: User
    object_id: str = ""
    measure: str = ""
    token: uuid.UUID = field(default_factory=uuid.uuid4)


@transaction.atomic
def say(new: Said) -> Statement:
    """Add a statement on a version to the process that hears it; it is owed a written answer. The same form twice says it once.

    Raises
    ------
    HutongError
        ``not-asked`` where opinions are not taken today; ``no-such-part`` for a measure or object that the version does not
        know; as :func:`hutong.service.council.services.write`.
    """
    about = schemes.version(new.version.pk)  # as it stands now
    process = selectors.hearing(about)
    if process is None:
        raise HutongError(
            "not-asked",
            Text("这一版现在不征求意见。", "No opinions are taken on this version now."),
            Text("请看方案页上的日期。", "See the dates on the page of the scheme."),
        )
    if not selectors.knows(about, new.object_id, new.measure):
        raise HutongError(
            "no-such-part",
            Text("方案里没有这一处或这项措施。", "The scheme knows no such object or measure."),
            Text("请从方案页上选。", "Choose one on the page of the scheme."),
        )
    made = council.write(NewStatement(process, new.words, new.kind, new.owner, new.token))
    council.owe(made)
    Remark.objects.get_or_create(
        statement=made,
        defaults={"version": about, "object_id": new.object_id, "measure": new.measure},
    )
    return made
