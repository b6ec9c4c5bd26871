"""A paper of one page as a PDF, written without any library, for papers that the demo makes up."""

from __future__ import annotations

from collections.abc import Sequence

#: A4 in points; where the first line stands, and how far lines lie apart.
_WIDTH, _HEIGHT, _LEFT, _TOP, _STEP = 595, 842, 64, 760, 26
_SIZES = (18, 12)  # of the first line, of those below
#: Objects that are the same in every paper: a Latin font, and a Chinese one that every reader has (ISO 32000-1, 9.7.5.2).
_FONTS = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
    b"""<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R
/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>""",
    b"""<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0
/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>""",
)


def one_page(lines: Sequence[str]) -> bytes:
    """Return a valid PDF 1.4 of one A4 page; the first line is its title. The same lines give the same bytes.

    Lines of letters alone are set in Helvetica, others in Song; nothing is wrapped, so a line holds some 40 signs.
    """
    text = b"\n".join(_line(n, line) for n, line in enumerate(lines))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 8 0 R"
        b" /Resources << /Font << /L 4 0 R /S 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
        *_FONTS,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    out, at = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for n, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in at)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(out),
    )  # fmt: skip


def _line(n: int, line: str) -> bytes:
    font, size = b"L" if line.isascii() else b"S", _SIZES[min(n, 1)]
    coded = line.encode("ascii" if line.isascii() else "utf-16-be").hex().encode()
    return b"BT /%s %d Tf %d %d Td <%s> Tj ET" % (font, size, _LEFT, _TOP - n * _STEP, coded)
