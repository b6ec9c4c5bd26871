"""Reading an office's list: encodings, aliases, masks, row-level errors."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import City
from hutong.errors import HutongError
from hutong.sense.requests import from_city, load_taxonomy, read_requests
from hutong.sense.requests.clean import clean, even_out, for_comparing, mask

from .request_texts import office_table


def written(folder: Path, table: pd.DataFrame, encoding: str = "utf-8", name: str = "工单.csv") -> Path:
    path = folder / name
    path.write_bytes(table.to_csv(index=False).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_any_usual_encoding_reads_the_same(tmp_path: Path, encoding: str) -> None:
    read = read_requests(written(tmp_path, office_table(40), encoding), datum="wgs84")
    assert len(read.table) == 40
    assert read.columns["unit"] == "承办单位"
    assert read.table["text"].str.startswith("市民反映").all()
    assert read.unread == ("来电人",)


def test_xlsx_reads_as_csv_does(tmp_path: Path) -> None:
    table = office_table(30)
    book = table.copy()
    book["诉求时间"] = pd.to_datetime(book["诉求时间"])
    book.to_excel(tmp_path / "a.xlsx", index=False)
    one = read_requests(tmp_path / "a.xlsx", datum="wgs84").table
    other = read_requests(written(tmp_path, table), datum="wgs84").table
    columns = [c for c in one.columns if c not in ("x_m", "y_m")]
    pd.testing.assert_frame_equal(one[columns], other[columns])
    np.testing.assert_allclose(one[["x_m", "y_m"]], other[["x_m", "y_m"]], atol=1e-6)


def test_times_without_a_zone_are_beijings(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"诉求时间": ["2024-05-01 08:00", "2024年5月1日 08：00", "2024-05-01T08:00:00+00:00"], "内容": "漏水"}
    )
    time = read_requests(written(tmp_path, table)).table["time"]
    assert time.dt.hour.tolist() == [0, 0, 8]
    west = read_requests(written(tmp_path, table), zone="UTC").table["time"]
    assert west.dt.hour.tolist() == [8, 8, 8]


def test_every_broken_cell_is_named(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "编号": ["a", "a", "c", "d", "e"],
            "诉求时间": ["2024-05-01", "01/05/2024", None, "2024-13-01", "2024-05-05"],
            "标题": ["漏水", "漏水", "漏水", "漏水", None],
            "是否解决": ["是", "也许", "未评价", "部分解决", "否"],
        }
    )
    with pytest.raises(HutongError) as caught:
        read_requests(written(tmp_path, table))
    assert caught.value.code == "invalid-data"
    named = " ".join(caught.value.rows)
    for row, what in (
        (3, "诉求时间"),
        (4, "诉求时间"),
        (5, "诉求时间"),
        (3, "是否解决"),
        (6, "标题"),
        (3, "编号"),
    ):
        assert any(f"row {row} ({what})" in line for line in caught.value.rows), (row, what, named)
    kept = read_requests(written(tmp_path, table), leave_out_broken=True)
    assert kept.table["id"].tolist() == ["a"]
    assert kept.left_out == caught.value.rows


def test_answers_keep_unknown_apart_from_no(tmp_path: Path) -> None:
    words = ["是", "未解决", "部分解决", "未评价", None, "完全解决"]
    table = pd.DataFrame({"诉求时间": "2024-05-01", "内容": "漏水", "是否解决": words})
    resolved = read_requests(written(tmp_path, table)).table["resolved"]
    assert resolved.tolist() == [True, False, False, pd.NA, pd.NA, True]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(HutongError, match="lacks columns") as caught:
        read_requests(written(tmp_path, pd.DataFrame({"处理部门": ["甲"]})))
    assert len(caught.value.rows) == 2
    with pytest.raises(HutongError, match="no column 正文二") as caught:
        read_requests(written(tmp_path, office_table(5)), columns={"text": "正文二"})
    with pytest.raises(HutongError) as caught:
        read_requests(written(tmp_path, office_table(5)))
    assert caught.value.code == "datum-needed"
    with pytest.raises(HutongError) as caught:
        read_requests(tmp_path / "none.csv")
    assert caught.value.code == "no-file"
    (tmp_path / "old.xls").write_bytes(b"x")
    (tmp_path / "bad.xlsx").write_bytes(b"x")
    for name in ("old.xls", "bad.xlsx"):
        with pytest.raises(HutongError) as caught:
            read_requests(tmp_path / name)
        assert caught.value.code == "unreadable"
    with pytest.raises(HutongError) as caught:
        read_requests(written(tmp_path, office_table(5)), zone="Mars/Base", datum="wgs84")
    assert caught.value.code == "unknown-zone"


def test_a_column_may_be_stated(tmp_path: Path) -> None:
    table = pd.DataFrame({"诉求时间": ["2024-05-01"], "怎么回事": ["屋顶漏水"]})
    read = read_requests(written(tmp_path, table), columns={"text": "怎么回事"})
    assert read.words() == ["屋顶漏水"]


def test_gcj02_is_brought_to_metres(tmp_path: Path) -> None:
    table = office_table(10)
    given = read_requests(written(tmp_path, table), datum="gcj02")
    plain = read_requests(written(tmp_path, table), datum="wgs84")
    shift = np.hypot(*(given.table[["x_m", "y_m"]] - plain.table[["x_m", "y_m"]]).to_numpy().T)
    assert ((shift > 300) & (shift < 800)).all()
    assert given.crs is not None
    assert given.crs == plain.crs


def test_a_bad_coordinate_is_an_error_of_its_row(tmp_path: Path) -> None:
    table = office_table(3).astype({"经度": object})
    table.loc[1, "经度"] = "一百一十六"
    table.loc[2, ["经度", "纬度"]] = None
    with pytest.raises(HutongError) as caught:
        read_requests(written(tmp_path, table), datum="wgs84")
    assert ["row 3 (经度)" in r for r in caught.value.rows] == [True]
    kept = read_requests(written(tmp_path, table), datum="wgs84", leave_out_broken=True).table
    assert kept["x_m"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ("请回电13812345678谢谢", "请回电〔电话〕谢谢", "phone"),
        ("手机 138-1234-5678", "手机 〔电话〕", "phone"),
        ("电话０１０－１２３４５６７８", "电话〔电话〕", "phone"),
        ("微信号：abc_2024x", "微信号：〔电话〕", "phone"),
        ("身份证11010119900307123X", "身份证〔证件号〕", "identity"),
        ("卡号6222 0000 1111 2222 333", "卡号〔号码〕", "number"),
        ("邮箱 a.b@example.org 收", "邮箱 〔邮箱〕 收", "email"),
        ("京A12345占车位", "〔车牌〕占车位", "plate"),
        ("联系人：张三丰，漏水", "联系人：〔姓名〕，漏水", "name"),
        ("我叫李小四，反映漏水", "我叫〔姓名〕，反映漏水", "name"),
        ("王女士反映漏水", "〔姓名〕女士反映漏水", "name"),
        ("5号楼3单元501漏水", "5号楼3单元〔房号〕漏水", "room"),
        ("5号楼501室漏水", "5号楼〔房号〕漏水", "room"),
    ],
)
def test_what_points_to_a_person_is_masked(text: str, masked: str, kind: str) -> None:
    found, counts = clean(text)
    assert found == masked
    assert counts == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "拨打12345没有结果",
        "120户居民停水3天",
        "2024年5月1日起停暖",
        "18度以下",
        "槐荫里12号楼漏水",
        "北京市G1234次列车",
    ],
)
def test_what_points_to_nobody_stays(text: str) -> None:
    assert mask(text)[0] == text


def test_width_is_evened_and_traditional_characters_stay() -> None:
    assert even_out("　ＡＢＣ１２３，漏水！ 漏水　") == "ABC123，漏水！ 漏水"
    assert even_out("樓頂漏水，煙火") == "樓頂漏水，煙火"
    assert for_comparing("5号楼 ＡＢ 〔电话〕") == "0号楼ab"


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="漏电话139 王先生@室A京-", max_size=40))
def test_no_mobile_number_survives(text: str) -> None:
    once = clean(f"{text}13912345678{text}")[0]
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", once)
    assert even_out(once) == once


def test_inquiries_are_told_by_column_or_wording(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "诉求时间": "2024-05-01",
            "内容": ["请问公租房如何申请", "请问漏水为什么无人处理", "屋顶漏水", "请问办公时间"],
            "工单类型": ["求助", None, "咨询", None],
        }
    )
    read = read_requests(written(tmp_path, table)).table
    assert read["nature"].tolist() == ["request", "request", "inquiry", "inquiry"]
    assert read["nature_by"].tolist() == ["stated", "text", "stated", "text"]


def test_a_snapshot_gives_its_requests(quarter: City) -> None:
    read = from_city(quarter)
    assert len(read.table) == len(quarter["requests"])
    assert read.table["x_m"].notna().all()
    known = [load_taxonomy().find(c) for c in read.table["category"]]
    assert all(k is not None for k in known)


def test_an_office_may_bring_its_own_taxonomy(tmp_path: Path) -> None:
    book = load_taxonomy()
    assert len(book.classes) >= 16
    assert book.classes[-1].id == "other"
    path = tmp_path / "t.yaml"
    good = "classes:\n  a: {title: {zh: 甲, en: A}, department: {zh: 甲, en: A}, deadline: request.general_days_max, keywords: [漏水]}\n"
    rest = "other: {title: {zh: 其他, en: Other}, department: {zh: 乙, en: B}, deadline: request.general_days_max}\n"
    path.write_text(good + rest, encoding="utf-8")
    assert [c.id for c in load_taxonomy(path).classes] == ["a", "other"]
    twice = tmp_path / "u.yaml"
    twice.write_text(
        good + good.split("\n")[1].replace("  a:", "  b:") + "\n  c: {title: {zh: 丙, en: C}}\n" + rest,
        encoding="utf-8",
    )
    with pytest.raises(HutongError) as caught:
        load_taxonomy(twice)
    assert caught.value.code == "taxonomy-broken"
    assert len(caught.value.rows) == 2
    assert book.title("没有的类").zh == "没有的类"
