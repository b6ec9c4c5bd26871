"""The snapshot: what is saved is what is loaded; nothing altered, newer or half-written is taken for a city."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import City, Meta, Provenance, Source, make_quarter
from hutong.city import snapshot as module
from hutong.city.snapshot import ASSUMED, IMPUTED, NO_VALUE, OBSERVED, check_metric
from hutong.errors import HutongError
from hutong.text import Text

from .test_schema import META, small


@pytest.fixture(scope="module")
def quarter() -> City:
    return make_quarter(300, seed=1)


@pytest.fixture
def city() -> City:
    return City.build(META, small(), {"buildings": {"storeys": Provenance("observed", "map")}})


def code(call: Any) -> HutongError:
    with pytest.raises(HutongError) as caught:
        call()
    return caught.value


def test_a_saved_city_loads_the_same(quarter: City, tmp_path: Path) -> None:
    folder = quarter.save(tmp_path / "a" / "quarter")
    back = City.load(folder)
    assert back.hash == quarter.hash
    assert back.meta == quarter.meta
    assert back.provenance == quarter.provenance
    for name in quarter.tables:
        pd.testing.assert_frame_equal(pd.DataFrame(back[name]), pd.DataFrame(quarter[name]))
    assert back["buildings"].crs == quarter["buildings"].crs


def test_saving_twice_gives_the_same_bytes(quarter: City, tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())}

    assert digest(quarter.save(tmp_path / "a")) == digest(quarter.save(tmp_path / "b"))


def test_text_with_quotes_newlines_and_controls_survives(tmp_path: Path) -> None:
    odd = 'a "b" \\c\n\td é 街\x01\x7f'
    meta = Meta(
        "n",
        Text(odd, odd),
        "2026-01-01",
        "EPSG:4548",
        (Source("s", odd, odd, odd),),
        (odd,),
        {"k": odd, "n": 3},
    )
    city = City.build(meta, small(), {})
    assert City.load(city.save(tmp_path / "c")).meta == meta


@pytest.mark.parametrize("recipe", [{"a b": 1}, {"x": 1.5, "y": True, "z": ["a", "b"]}, {"u": float("inf")}])
def test_any_recipe_survives(recipe: dict[str, Any], tmp_path: Path) -> None:
    city = City.build(replace(META, recipe=recipe), small(), {})
    assert City.load(city.save(tmp_path / "c")).meta.recipe == recipe


@settings(deadline=None, max_examples=12)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(1, 200)), min_size=2, max_size=2),
    names=st.lists(
        st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
        min_size=2,
        max_size=2,
    ),
)
def test_the_hash_tells_any_two_contents_apart(values: list[float | None], names: list[str | None]) -> None:
    city = City.build(META, small(buildings__storeys=values, buildings__name=names), {})
    same = City.build(META, small(buildings__storeys=list(values), buildings__name=list(names)), {})
    other = City.build(META, small(buildings__storeys=values[::-1], buildings__name=names[::-1]), {})
    assert city.hash == same.hash
    assert (city.hash == other.hash) == (values == values[::-1] and names == names[::-1])


def test_the_hash_covers_meta_provenance_cells_and_shapes(city: City) -> None:
    others = [
        City.build(replace(META, date="2026-01-02"), small(), city.provenance),
        City.build(META, small(), {"buildings": {"storeys": Provenance("assumed", "map")}}),
        City.build(META, small(buildings__lift=[False, None]), city.provenance),
        City.build(META, small(buildings__lift=[True, False]), city.provenance),
        City.build(META, small(dwellings__tenure=[None, None]), city.provenance),
        City.build(META, small(buildings__name=["ab", "c"]), city.provenance),
        City.build(META, small(buildings__name=["a", "bc"]), city.provenance),
        City.build(META, small(buildings__name=["a\0b", "c"]), city.provenance),
        City.build(META, small(buildings__name=["a", "b\0c"]), city.provenance),
        City.build(
            META, small(buildings__geometry=small()["buildings"].geometry[::-1].tolist()), city.provenance
        ),
    ]
    hashes = [c.hash for c in (city, *others)]
    assert len(set(hashes)) == len(hashes)


def test_an_existing_folder_is_not_replaced_without_force(city: City, tmp_path: Path) -> None:
    folder = city.save(tmp_path / "c")
    assert code(lambda: city.save(folder)).code == "exists"
    other = City.build(replace(META, name="other"), small(), {})
    other.save(folder, force=True)
    assert City.load(folder).meta.name == "other"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c"]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_force_never_replaces_what_is_no_city(city: City, tmp_path: Path, kind: str) -> None:
    precious = tmp_path / "precious"
    if kind == "folder":
        precious.mkdir()
        (precious / "letter.txt").write_text("dear", "utf-8")
    else:
        precious.write_text("dear", "utf-8")
    assert code(lambda: city.save(precious, force=True)).code == "not-a-city"
    kept = precious / "letter.txt" if kind == "folder" else precious
    assert kept.read_text("utf-8") == "dear"
    assert [p.name for p in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize("when", ["tables", "toml", "rename"])
def test_an_interrupted_save_leaves_nothing(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    target = {
        "tables": (pd.DataFrame, "to_parquet"), "toml": (module, "manifest"), "rename": (os, "replace"),
    }[when]  # fmt: skip
    monkeypatch.setattr(*target, stop)
    with pytest.raises(KeyboardInterrupt):
        city.save(tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacement_leaves_the_old_city(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = city.save(tmp_path / "c")
    renamed: list[str] = []
    real = os.replace

    def second_fails(a: Any, b: Any) -> None:
        renamed.append(str(a))
        if len(renamed) == 2:
            raise KeyboardInterrupt
        real(a, b)

    monkeypatch.setattr(os, "replace", second_fails)
    other = City.build(replace(META, name="other"), small(), {})
    with pytest.raises(KeyboardInterrupt):
        other.save(folder, force=True)
    monkeypatch.undo()
    assert City.load(folder).meta.name == META.name
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_folder_that_is_no_city_is_refused(tmp_path: Path) -> None:
    assert code(lambda: City.load(tmp_path / "nowhere")).code == "not-a-city"
    assert code(lambda: City.load(tmp_path)).code == "not-a-city"


def test_a_newer_version_is_refused(city: City, tmp_path: Path) -> None:
    toml = city.save(tmp_path / "c") / "city.toml"
    toml.write_text(toml.read_text("utf-8").replace("schema_version = 1", "schema_version = 99"), "utf-8")
    error = code(lambda: City.load(tmp_path / "c"))
    assert error.code == "newer-version"
    assert "99" in error.what.en
    assert "99" in error.what.zh


@pytest.mark.parametrize(
    "content",
    [
        b"schema_version = 1\nname = ",
        b"\xff\xfe",
        b"schema_version = 1\n",
        b'schema_version = 1\nname = "x"\ntitle = "x"\ndate = "2026-01-01"\ncrs = "EPSG:4548"\n',
        b'name = "x"\n',
        b'schema_version = "1"\n',
    ],
)
def test_a_broken_toml_is_refused(city: City, tmp_path: Path, content: bytes) -> None:
    (city.save(tmp_path / "c") / "city.toml").write_bytes(content)
    assert code(lambda: City.load(tmp_path / "c")).code == "unreadable"


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "other shapes"])
def test_a_broken_table_is_refused(city: City, tmp_path: Path, damage: str) -> None:
    file = city.save(tmp_path / "c") / "buildings.parquet"
    content = file.read_bytes()
    if damage == "other shapes":
        pd.DataFrame({"building_id": ["b1"], "plot_id": ["p1"]}).to_parquet(file)
    else:
        file.write_bytes(
            {"truncated": content[: len(content) // 2], "empty": b"", "text": b"PAR1 is no table"}[damage]
        )
    assert code(lambda: City.load(tmp_path / "c")).code == "unreadable"


def test_an_altered_table_meta_or_missing_file_is_noticed(city: City, tmp_path: Path) -> None:
    folder = city.save(tmp_path / "c")
    City.build(META, small(buildings__storeys=[5.0, 1.0]), city.provenance).save(tmp_path / "d")
    (folder / "buildings.parquet").write_bytes((tmp_path / "d" / "buildings.parquet").read_bytes())
    assert code(lambda: City.load(folder)).code == "altered"

    toml = city.save(tmp_path / "e") / "city.toml"
    toml.write_text(toml.read_text("utf-8").replace("2026-01-01", "2016-01-01"), "utf-8")
    assert code(lambda: City.load(tmp_path / "e")).code == "altered"

    (city.save(tmp_path / "f") / "dwellings.parquet").unlink()
    assert code(lambda: City.load(tmp_path / "f")).code == "altered"


def test_an_altered_table_that_is_invalid_names_its_rows(city: City, tmp_path: Path) -> None:
    file = city.save(tmp_path / "c") / "dwellings.parquet"
    pd.read_parquet(file).assign(residents=[-1.0, 1.0]).to_parquet(file)
    error = code(lambda: City.load(tmp_path / "c"))
    assert error.code == "invalid-data"
    assert error.rows == ("dwellings.residents row 1 (id d1): -1.0 must be at least 0",)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:2263", "EPSG:0", "nonsense"])
def test_a_crs_not_in_metres_is_refused(crs: str) -> None:
    assert code(lambda: City.build(replace(META, crs=crs), small(), {})).code == "wrong-crs"


def test_metric_crs_are_taken() -> None:
    check_metric("EPSG:4548")
    check_metric("EPSG:32650")


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", "", "2026/01/01"])
def test_a_date_that_is_none_is_refused(date: str) -> None:
    assert code(lambda: City.build(replace(META, date=date), small(), {})).code == "bad-date"


def test_positions_are_rows_of_the_table_named(city: City) -> None:
    assert city.positions("dwellings", "building_id").tolist() == [0, 0]
    assert city.positions("dwellings", "staircase_id").tolist() == [-1, -1]
    assert city.positions("plots", "block_id").dtype == np.int64
    with pytest.raises(KeyError):
        city.positions("dwellings", "residents")


def test_fill_fills_unknown_cells_only_and_marks_them(city: City) -> None:
    lacking = City.build(META, small(buildings__storeys=[6.0, None]), city.provenance)
    assert lacking.origin("buildings", "storeys").tolist() == [OBSERVED, NO_VALUE]
    filled = lacking.fill("buildings", "storeys", [99.0, 2.0], "imputed", "census")
    assert filled["buildings"]["storeys"].tolist() == [6.0, 2.0]
    assert filled.origin("buildings", "storeys").tolist() == [OBSERVED, IMPUTED]
    assert filled.provenance["buildings"]["storeys"] == Provenance("mixed", "map+census")
    assert filled.coverage("buildings", "storeys") == 0.5
    assert lacking["buildings"]["storeys"].isna().tolist() == [False, True], "the city itself is unchanged"
    again = filled.fill("buildings", "storeys", [1.0, 1.0], "assumed", "rule")
    assert again["buildings"]["storeys"].tolist() == [6.0, 2.0]
    assert again.provenance["buildings"]["storeys"].source == "map+census", (
        "nothing was filled: no source is added"
    )


def test_fill_keeps_to_where_and_to_one_origin(city: City) -> None:
    filled = city.fill(
        "buildings", "use", ["residential", "office"], "assumed", "rule", where=np.array([True, False])
    )
    assert filled["buildings"]["use"].tolist()[0] == "residential"
    assert filled["buildings"]["use"].isna().tolist() == [False, True]
    assert filled.origin("buildings", "use").tolist() == [ASSUMED, NO_VALUE]
    assert filled.provenance["buildings"]["use"] == Provenance("assumed", "rule")
    assert "use__origin" not in filled["buildings"]
    both = filled.fill("buildings", "use", ["office", "office"], "imputed", "near")
    assert both.origin("buildings", "use").tolist() == [ASSUMED, IMPUTED]
    assert both["buildings"].geometry.name == "geometry"


def test_a_filled_city_is_valid_and_survives_saving(city: City, tmp_path: Path) -> None:
    filled = city.fill("buildings", "use", ["residential", None], "assumed", "rule")
    filled = filled.fill("buildings", "use", ["office", "office"], "imputed", "near")
    rebuilt = City.build(filled.meta, filled.tables, filled.provenance)
    assert rebuilt.hash == filled.hash
    back = City.load(filled.save(tmp_path / "c"))
    assert back.hash == filled.hash
    assert back.origin("buildings", "use").tolist() == [ASSUMED, IMPUTED]


def test_coverage_of_a_table_without_rows_is_unknown(city: City) -> None:
    assert np.isnan(city.coverage("titles", "state"))
    assert city.coverage("buildings", "storeys") == 1.0
    assert city.coverage("buildings", "use") == 0.0
