"""The light check of HTML finds what it is for."""

from __future__ import annotations

import pytest

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
        "<dl><div><dt>x</dt><dd>y</dd></div></dl><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>",
    ],
)
def test_what_is_right_passes(part):
    assert html_faults(PAGE.format(part)) == []
    assert html_faults(part) == []
