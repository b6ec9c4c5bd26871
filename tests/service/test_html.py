"""The light check of HTML finds what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hutong import service
from tests.service.html import html_faults

PAGE = (
    "<!doctype html><html lang=en><head><title>T</title></head><body><main><h1>H</h1>{}</main></body></html>"
)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ("<p><div>x</div></p>", "<div> in <p>"),
        ("<p>x", "where <p> is open"),
        ("<ul><p>x</p></ul>", "<p> in <ul>"),
        ("<ul>x<li>y</li></ul>", "words in <ul>"),
        ("<table><tr><td>x</td></tr></table>", "<tr> in <table>"),
        ("<a href=x><button>y</button></a>", "itself acted on"),
        ("<a href=x></a>", "without words"),
        ("<img src=x>", "an image without words"),
        ("<input name=n>", "has no label"),
        ("<label for=m>M</label>", "names no id: m"),
        ("<p id=a>x</p><p id=a>y</p>", "stands 2 times"),
        ("<p class=a class=b>x</p>", "an attribute twice"),
        ("<h3>x</h3>", "h3 after h1"),
        ("<h1>x</h1>", "2 <h1>"),
        ("<p style='x'>y</p>", "content policy"),
        ("<form><form></form></form>", "<form> in <form>"),
        ("<th>x</th>", "<th> in <main>"),
        ("<h2></h2>", "<h2> is empty"),
        ("<p hx-get=/x>y</p>", "without data-"),
        ("<input type=date aria-label=d value=2026/11/27>", "no browser reads"),
        ("<input type=datetime-local aria-label=d value='2026-11-27 10:00'>", "no browser reads"),
    ],
)
def test_a_fault_is_found(part, fault):
    assert any(fault in found for found in html_faults(PAGE.format(part))), html_faults(PAGE.format(part))


@pytest.mark.parametrize(
    "part",
    [
        "<label for=n>N</label><input id=n><img src=x alt=''><a href=x aria-label=y></a>",
        "<label><input type=checkbox> x</label><ul><li>x</li></ul><h2>y</h2><h3>z</h3>",
        "<table><caption>c</caption><tbody><tr><th scope=row>x</th><td>y</td></tr></tbody></table>",
        "<p data-hx-get=/x>y</p><input type=date aria-label=d value=2026-11-27><input type=date aria-label=d value=''>",
        "<dl><div><dt>x</dt><dd>y</dd></div></dl><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>",
    ],
)
def test_what_is_right_passes(part):
    assert html_faults(PAGE.format(part)) == []
    assert html_faults(part) == []


#: What is in one language on purpose: marked as such, or chosen by the reader's language.
ONE_LANGUAGE = (
    r'<(\w+)[^>]*lang="zh(-Hans)?"[^>]*>.*?</\1>',
    r'\{% if lang == "zh" %\}.*?\{% else %\}',
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->",
)
#: Both languages stand side by side: what shows when nothing works, and the choice of the language itself.
BOTH = ("web/broken.html", "web/part/foot.html", "residents/letters.html")


def test_templates_hold_no_chinese_outside_their_tags():
    """What a template says of itself, down to a comma, is said in the reader's language."""
    folder = Path(service.__file__).parent
    wrong = []
    for path in sorted(folder.rglob("templates/**/*.html")):
        if path.as_posix().endswith(BOTH):
            continue
        text = path.read_text("utf-8")
        for known in ONE_LANGUAGE:
            text = re.sub(known, "", text, flags=re.S)
        found = re.findall(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+", text)
        wrong += [f"{path.relative_to(folder)}: {words}" for words in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_days_in_fields_have_one_form_in_both_languages(database, language):
    import datetime as dt

    from django.utils.translation import override

    from hutong.service.web.inputs import DayInput, MomentInput

    with override(language):
        given = [
            DayInput().render("d", dt.date(2026, 11, 27), {"aria-label": "d"}),
            MomentInput().render("m", dt.datetime(2026, 11, 27, 9, 5, tzinfo=dt.UTC), {"aria-label": "m"}),
        ]
    assert ['value="2026-11-27"' in given[0], 'value="2026-11-27T09:05"' in given[1]] == [True, True]
    assert html_faults(PAGE.format("".join(given))) == []
