"""A year on a running site: people act through its pages alone, and the clock moves between their acts."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.service.live_site import Site, site
from tests.service.year_town import PEOPLE, resident_role

CLOCK = Path(__file__).with_name("moved_clock")
PASSWORD = "a-long-password-1"  # noqa: S105 (of a test)
PDF = b"%PDF-1.4\n%% a paper of the test\n%%EOF\n"
PHONE, DESK = 360, 1280
DAY_S = 86_400


@dataclass
class Year:
    """A site that runs, a browser, and who is signed in; ``days`` is how far its clock was moved."""

    site: Site
    chromium: object
    days: float = 0
    pages: dict = field(default_factory=dict)
    papers: int = 0
    wrong: list = field(default_factory=list)
    kind: str = ""
    town: list = field(default_factory=list)
    seen: set = field(default_factory=set)

    @property
    def address(self) -> str:
        return self.site.address

    def pass_days(self, days: float) -> None:
        """Move the clock on; whoever was signed in signs in again, as sessions end."""
        self.days += days
        (self.site.folder / "clock").write_text(str(self.days * DAY_S))
        for page in self.pages.values():
            page.context.close()
        self.pages.clear()

    def today(self, plus: float = 0) -> str:
        """Return a day of the site's calendar, in Beijing's time."""
        return self.moment(plus)[:10]

    def moment(self, plus: float = 0) -> str:
        import datetime as dt

        at = dt.datetime.now(dt.UTC) + dt.timedelta(days=self.days + plus, hours=8)
        return at.strftime("%Y-%m-%dT%H:%M")

    def as_(self, name: str, width: int = DESK):
        """Return the tab of a person ("" a visitor), signed in; whatever breaks in it is written down. Residents hold a phone."""
        width = PHONE if name.startswith("home-") else width
        if name not in self.pages:
            context = self.chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
            page = self.pages[name] = context.new_page()
            page.set_default_timeout(60_000)
            page.on("pageerror", lambda e: self.wrong.append(f"{name}: script: {e}"))
            page.on(
                "framenavigated",
                lambda f: self.seen.add(f.url.removeprefix(self.address).split("#")[0]),
            )
            page.on(
                "response",
                lambda r: self.wrong.append(f"{name}: {r.status} {r.url}") if r.status >= 500 else None,
            )
            if name:
                page.goto(f"{self.address}/accounts/login/")
                page.fill("#id_login", name)
                page.fill("#id_password", PASSWORD)
                page.click("form.form button.main")
                page.wait_for_url(f"{self.address}/")
        return self.pages[name]

    def resident(self, name: str):
        """Return the tab of a resident, on a phone."""
        return self.as_(name, PHONE)

    def open(self, name: str, path: str, width: int = DESK):
        page = self.as_(name, width)
        page.goto(self.address + path)
        return page

    def shot(self, page, name: str) -> None:
        """Keep a picture where ``HUTONG_SCREENSHOTS`` names a folder."""
        if folder := os.environ.get("HUTONG_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"year-{name}.png", full_page=True)

    def send(self, page, action: str, /, press: str = "", **values):
        """Fill in the form that is sent to an address ending so, and send it; its page must say nothing wrong."""
        holds = f':has([name="{next(iter(values)).replace("__", "-")}"])' if values else ""
        form = page.locator(f'form[action$="{action}"]' if action else f"main form.form{holds}").first
        fold = form.locator("xpath=ancestor::details")
        if fold.count() and fold.first.get_attribute("open") is None:
            fold.first.locator("summary").first.click()
        for name, value in values.items():
            self._put(form, name.replace("__", "-"), value)
        button = form.locator(f'button:has-text("{press}")') if press else form.locator("button")
        with page.expect_navigation():
            button.last.click()
        errors = page.locator("p.error, .notice.alarm[role=alert]").all_inner_texts()
        assert not errors, f"{page.url}: {errors}"
        return page

    def _put(self, form, name: str, value) -> None:
        named = f'[name="{name}"]', f'[name$="-{name}"]'  # with the prefix of its form, or without
        put = form.locator(", ".join(named))
        kind = put.first.get_attribute("type") or put.first.evaluate("e => e.tagName.toLowerCase()")
        if kind == "file":
            put.set_input_files(value)
        elif kind == "select":
            put.select_option(str(value)) if str(value).isdigit() or "_" in str(value) else put.select_option(
                [str(value)]
            )
        elif kind in ("checkbox", "radio"):
            for one in value if isinstance(value, list | tuple) else [value]:
                of = "" if one is True else f'[value="{one}"]'
                form.locator(", ".join(f"{n}{of}" for n in named)).check()
        else:
            put.fill(str(value))

    def paper(self, name: str = "paper.pdf") -> dict:
        """Return another file to hand in, unlike all before."""
        self.papers += 1
        return {"name": name, "mimeType": "application/pdf", "buffer": PDF + str(self.papers).encode()}

    def table(self, rows: list[dict]) -> dict:
        """Return a table to hand in."""
        head = list(rows[0])
        text = "\r\n".join(
            ",".join(str(c) for c in line) for line in (head, *([r[k] for k in head] for r in rows))
        )
        return {"name": "table.csv", "mimeType": "text/csv", "buffer": text.encode()}

    def confirm(self, name: str) -> None:
        """Let a second person carry out everything that was proposed to them."""
        page = self.open(name, "/consent/motions")
        while page.locator('form[action$="/confirm"]').count():
            self.send(page, "/confirm")
            page.goto(f"{self.address}/consent/motions")

    def follow(self, page, words: str) -> None:
        """Take the way that a page offers under “What comes next”."""
        with page.expect_navigation():
            page.locator(f'.follows a:has-text("{words}")').first.click()

    def verify(self) -> str:
        """Return what the site's own check of the ledger says, run as an operator of the server would."""
        return self.run("ledger")

    def run(self, what: str, *more: str) -> str:
        """Run a part of ``year_town`` in a process of the site: what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.service.year_town", what, *more],
            env=self.site.environment() | moved(self.site.folder), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def moved(folder: Path) -> dict[str, str]:
    """Return the variables that let processes read the moved clock."""
    path = os.pathsep.join([str(CLOCK), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"HUTONG_TEST_CLOCK": str(folder / "clock"), "PYTHONPATH": path}


class MovedSite(Site):
    """A site whose processes read the moved clock."""

    def environment(self) -> dict[str, str]:
        return super().environment() | moved(self.folder)


@contextmanager
def year(chromium, postgres: bool, town: str):
    """Yield a year on a new site with the people and places of a town; its clock stands at today."""
    with site(postgres) as made:
        made.__class__ = MovedSite
        (made.folder / "clock").write_text("0")
        begun = Year(made, chromium, kind=town)
        begun.town = begun.run("town", town).split()
        made.start()
        yield begun
        for page in begun.pages.values():
            page.context.close()
        log = (made.folder / "log").read_text()
        assert "Traceback" not in log, log[-4000:]
        assert not begun.wrong, "\n".join(begun.wrong)


def number(url: str) -> int:
    """Return the last number of an address."""
    return int(re.findall(r"\d+", url.split("?")[0].split("#")[0])[-1])


def wait_for_job(page, seconds: float = 300) -> None:
    """Wait on the page of a job until it is done."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if page.locator("text=See the result").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(page.inner_text("main"))


def hand_in(y: Year, who: str, project: int, *kinds: str):
    """Hand papers in to a project; return the page."""
    page = y.open(who, f"/projects/{project}/office")
    for kind in kinds:
        y.send(page, f"/projects/{project}/paper", kind=kind, file=y.paper())
    return page


def disclose(y: Year, who: str, project: int, *kinds: str):
    """Make things of a project public."""
    page = y.open(who, f"/projects/{project}/office")
    for kind in kinds:
        y.send(page, f"/projects/{project}/disclose", kind=kind, file=y.paper())


def nothing_owed(page) -> None:
    """See on a project's page that nothing is owed to the public."""
    late = page.locator("main tr:has(.mark.alarm)").all_inner_texts()
    assert not late, late


def move(y: Year, who: str, project: int, event: str):
    """Let somebody take a step of a project; its page must say that it is their turn."""
    page = y.open(who, f"/projects/{project}/office")
    assert "your turn" in page.inner_text(".follows"), f"{who}, {event}: {page.inner_text('.follows')}"
    return y.send(page, f"/move/{event}")


def operated(y: Year, project: int, title: str) -> int:
    """Enter a contract of operation for what a project built, let it be signed by both and begin; return its number."""
    page = y.open("district", f"/projects/{project}")
    y.follow(page, "The contract of operation")
    terms = y.run("contract", y.today()[:4]).encode()
    file = {"name": "c.json", "mimeType": "application/json", "buffer": terms}
    y.send(page, "", title_zh="经营合同", title_en=title, terms=file)
    return begun(y, page)


def drawn(y: Year, version: int) -> int:
    """Draw the contract of operation from an adopted version of a scheme, let it be signed and begin; return its number."""
    page = y.open("district", f"/schemes/versions/{version}")
    y.follow(page, "Draw the contract of operation from the adopted scheme")
    assert page.input_value("select[name=version]") == str(version)
    y.send(page, "/operation/draw", first_year=y.today()[:4])
    wait_for_job(page)
    page.click("text=See the result")
    contract = begun(y, page)
    visitor = y.open("", f"/operation/{contract}")
    assert visitor.locator(f"a[href='/schemes/versions/{version}']").count(), (
        "anyone reads from what it was drawn"
    )
    visitor.goto(f"{y.address}/schemes/versions/{version}")
    assert visitor.locator(f"a[href='/operation/{contract}']").count()
    return contract


def begun(y: Year, page) -> int:
    """Let the contract of a page be published, signed by both and begin; return its number."""
    contract = number(page.url)
    y.send(page, "/do/publish", publish__document=y.paper())
    y.send(page, "/do/sign", sign__document=y.paper())
    y.shot(page, "contract-signed")
    y.send(y.open("operator", f"/operation/{contract}"), "/do/start")
    return contract


def verified(y: Year, quarter: str, estate: str, homes: dict[str, str]) -> None:
    """The homes are listed from the twin and get letters; residents scan theirs on a phone and are verified."""
    page = y.open("subdistrict", f"/residents/quarter/{quarter}")
    y.send(page, f"/residents/quarter/{quarter}/import")
    wait_for_job(page)
    page.click("text=See the result")
    y.send(page, f"/residents/quarter/{quarter}/letters", part=estate)
    for name, home in homes.items():
        code = page.locator(f"section.sheet:has-text('{home}') .secret").inner_text().strip()
        resident = y.resident(name)
        resident.goto(f"{y.address}/residents/code#{code}")
        assert resident.input_value("#id_code") == code, "what the letter's QR leads to fills the field in"
        y.send(resident, "")
        assert home in resident.inner_text("main")


def at_home(y: Year, name: str, part: str = "areas"):
    """Open My home on a phone, once it answers a question; what it says is made ready in the background."""
    page = y.resident(name)
    for _ in range(150):
        page.goto(f"{y.address}/home/")
        if page.locator(f"section#{part}").count():
            break
        page.wait_for_timeout(1000)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE, f"My home is {wide} px wide"
    return page


def told(page, part) -> str:
    """Return what My home says under one of its questions."""
    return page.inner_text(f"section#{part}")


def refused(y: Year, who: str, path: str) -> None:
    """See that somebody may not open a page."""
    answer = y.as_(who).request.get(y.address + path)
    assert answer.status == 403, f"{path} as {who or 'a visitor'}: {answer.status}"


def checked_at_the_end(y: Year) -> None:
    """The ledger holds, by the site's own check, by the command, and by the checker that comes with its public download; every page
    that the year's people had open, and what those pages lead to, opens to those whom its table names and to nobody else."""
    entries = y.verify().split()
    assert len(entries) == 1, entries
    held = int(entries[0])
    assert held > 10
    checked_download(y, held)
    wrong = walked(y)
    assert not wrong, "\n".join(wrong)
    assert not y.wrong, "\n".join(y.wrong)


def checked_download(y: Year, held: int) -> None:
    """Take the ledger as anybody can, and check it with the command and with its single-file checker."""
    folder = y.site.folder / "download"
    answer = y.as_("").request.get(f"{y.address}/ledger/hutong-ledger.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        archive.extractall(folder)
    key = y.as_("").request.get(f"{y.address}/ledger/key").text().strip()
    at = next(p.parent for p in folder.rglob("entries.jsonl"))
    assert len((at / "entries.jsonl").read_bytes().splitlines()) == held
    command = [
        sys.executable,
        "-c",
        "from hutong.cli import main; main()",
        "ledger",
        "verify",
        str(at),
        "--key",
        key,
        "--json",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert said.returncode == 0, said.stdout + said.stderr
    assert json.loads(said.stdout)["size"] == held
    alone = [sys.executable, "-I", str(at / "checker.py"), str(at), "--key", key]
    said = subprocess.run(alone, capture_output=True, text=True, check=False, cwd=folder)
    assert said.returncode == 0, said.stdout + said.stderr


#: Whose pages are read for what they lead to: between them they see all that a year makes.
READERS = ("district", "subdistrict", "operator", "planner", "home-1", "")
#: Somebody who lives there and whose home no roll holds: what the tables say of residents holds for them.
NEIGHBOUR = "home-9"


def walked(y: Year) -> list[str]:
    """Open every page of a year as everybody; return where somebody gets in who should not, or is kept out."""
    asked = y.site.folder / "doors.json"
    people = {**PEOPLE, NEIGHBOUR: resident_role(y.kind), "stranger": "nobody", "": "visitor"}
    asked.write_text(json.dumps({"paths": sorted(led_to(y)), "people": people}), "utf-8")
    told = json.loads(y.run("doors", str(asked)))
    wrong = [f"no table says who may open {path}" for path in told["unknown"]]
    for path, page, may in told["doors"]:
        # what a visitor may open is open to all: it is tried by a visitor and a stranger
        for who in ("", "stranger") if may[""] else may:
            answer = y.as_(who).request.get(y.address + path, max_redirects=0)
            if answer.status not in (200, 302, 304, 400, 401, 403, 422):
                wrong.append(f"{path} ({page}) as {who or 'a visitor'}: {answer.status}")
            elif (answer.status not in (401, 403)) != may[who]:
                wrong.append(
                    f"{path} ({page}) as {who or 'a visitor'}: {answer.status}, should {'open' if may[who] else 'be refused'}"
                )
    return wrong


def led_to(y: Year) -> set[str]:
    """Return the addresses of the pages that a year's people had open and of those that they lead to, each once."""
    seen = {p.split("?")[0] for p in y.seen if p.startswith("/")}
    found = set(seen)
    for who in READERS:
        for path in sorted(seen):
            answer = y.as_(who).request.get(y.address + path)
            if answer.status == 200 and "html" in answer.headers.get("content-type", ""):
                found |= set(re.findall(r'(?:href|src)="(/[^"#?]+)', answer.text()))
    return {p for p in found if not p.startswith(("/static/", "/accounts/"))}
