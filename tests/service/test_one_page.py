"""The demo's papers: valid PDFs of one page, as the site takes them."""

import re

from hutong.service.web.one_page import one_page

LINES = ("示例文件：施工许可", "A made-up paper", "虚构，没有任何效力。")


def test_a_paper_is_a_pdf_whose_table_finds_every_object():
    data = one_page(LINES)
    assert data == one_page(LINES)
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
    rows = re.findall(rb"(\d{10}) (\d{5}) ([nf]) \n", data[start:])
    assert data[start:].startswith(b"xref\n0 %d\n" % len(rows))
    for n, (at, _, kind) in enumerate(rows[1:], 1):
        assert kind == b"n"
        assert data[int(at) :].startswith(b"%d 0 obj\n" % n)
    named = {int(n) for n in re.findall(rb"(\d+) 0 R", data)}
    assert named <= set(range(1, len(rows)))
    body = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", data, re.DOTALL)
    assert len(body[2]) == int(body[1])


def test_every_line_stands_on_it_in_a_font_that_holds_it():
    found = re.findall(rb"/([LS]) \d+ Tf \d+ (\d+) Td <([0-9a-f]+)> Tj", one_page(LINES))
    coding = {b"L": "ascii", b"S": "utf-16-be"}
    assert tuple(bytes.fromhex(text.decode()).decode(coding[font]) for font, _, text in found) == LINES
    heights = [int(y) for _, y, _ in found]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == len(LINES)


def test_the_site_takes_it():
    from hutong.service.web.papers import of_bytes

    assert of_bytes(one_page(LINES), "a.pdf").suffix == "pdf"
