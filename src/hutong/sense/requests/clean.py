"""Even out the writing of a request and mask what points to a person, on reading."""

from __future__ import annotations

import re
from collections import Counter

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

#: What is masked, in this order, each with what is put in its place. Longer numbers come before shorter ones.
_MASKS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (kind, put, re.compile(pattern, re.IGNORECASE))
    for kind, put, pattern in (
        ("email", "〔邮箱〕", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
        (
            "identity",
            "〔证件号〕",
            r"(?<!\d)(?:[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]|[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)",
        ),
        ("number", "〔号码〕", r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)"),
        ("phone", "〔电话〕", r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"),
        ("phone", "〔电话〕", r"(?<!\d)(?:\(?0\d{2,3}\)?[ -]?)\d{7,8}(?!\d)"),
        (
            "phone",
            r"\1〔电话〕",
            r"((?:电话|手机|联系方式|微信|QQ)号?码?[是为]?[:：]?\s*)(?=[A-Z\d_-]*\d)[A-Z\d_-]{6,}",
        ),
        (
            "plate",
            "〔车牌〕",
            rf"[{_PLATES}][A-HJ-Z][· ]?(?=[A-Z0-9]*\d)[A-HJ-NP-Z0-9]{{5,6}}(?![A-Z0-9])",
        ),
        (
            "name",
            r"\1〔姓名〕",
            r"((?:姓名|联系人|来电人|诉求人|反映人|户主)[是为]?[:：]\s*)[\u4e00-\u9fff·]{2,4}",
        ),
        ("name", r"\1〔姓名〕", r"((?:我叫|本人叫|名叫))[\u4e00-\u9fff]{2,3}(?=[,，。;；、\s]|$)"),
        (
            "name",
            r"〔姓名〕\1",
            rf"[{_SURNAMES}][\u4e00-\u9fff某]?[\u4e00-\u9fff某]?(先生|女士|小姐|大爷|大妈|阿姨)",
        ),
        ("room", r"\1〔房号〕", r"((?:单元|楼门|门)\s?)\d{2,4}(?:室|号|房)?(?!\d)"),
        ("room", "〔房号〕", r"(?<!\d)\d{3,4}室"),
    )
)
_MASKED = re.compile(r"〔[^〕]{2,3}〕")

# Full-width letters, digits and signs become plain; the full-width comma, stop, colon and brackets are Chinese.
_KEEP = frozenset("，：；？！（）")
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in _KEEP} | {0x3000: 0x20}
_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")


def even_out(text: str) -> str:
    """Return the text with plain letters, digits and blanks; traditional characters stay as written."""
    return _BLANKS.sub(" ", text.translate(_WIDTH)).strip()


def mask(text: str) -> tuple[str, Counter[str]]:
    """Return the text without what points to a person, and how often each kind was masked.

    Phone, identity and account numbers, e-mail, number plates, room numbers, and names where the wording shows
    that they are names. Patterns find most, not all: masked text is still not for publication.
    """
    found: Counter[str] = Counter()
    for kind, put, pattern in _MASKS:
        text, times = pattern.subn(put, text)
        if times:
            found[kind] += times
    return text, found


def clean(text: str) -> tuple[str, Counter[str]]:
    """Return the text evened out and masked."""
    return mask(even_out(text))


def for_comparing(text: str) -> str:
    """Return what of a text says what it is about: no masks, no blanks, any number as 0, small letters."""
    return _DIGITS.sub("0", _BLANKS.sub("", _MASKED.sub("", even_out(text)))).lower()
