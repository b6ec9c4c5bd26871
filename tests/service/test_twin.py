"""Importing a city folder, and what can be read of it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hutong.city import City
from hutong.errors import HutongError
from hutong.service.twin.layers import unpacked
from tests.service.conftest import quiet

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_an_import_holds_every_building_with_its_origins(snapshots, folders):
    city, snapshot = City.load(folders[2]), snapshots[1]
    assert snapshot.digest == city.hash
    assert snapshot.phase == "draft"
    rows = list(snapshot.buildings.all())
    assert [b.building_id for b in rows] == list(city["buildings"]["building_id"])
    homes = city["dwellings"].groupby("building_id", observed=True).size()
    assert sum(b.dwellings for b in rows) == len(city["dwellings"])
    for b in rows[:10]:
        years = city["buildings"].set_index("building_id")["built_year"]
        assert b.facts["built_year"] == [years[b.building_id], "assumed"]
        assert b.dwellings == homes.get(b.building_id, 0)
        assert b.place.path.startswith(snapshot.place.path)
        assert sum(b.homes.get("tenure", {}).values()) == b.dwellings


def test_the_same_content_is_imported_once_and_leaves_nothing_behind(snapshots, folders, town):
    from django.conf import settings

    from hutong.service.twin.services import import_city

    before = sorted((settings.MEDIA_ROOT / "snapshots").iterdir())
    with pytest.raises(HutongError) as caught:
        import_city(folders[1], town.quarter, None, quiet)
    assert caught.value.code == "snapshot-exists"
    with pytest.raises(HutongError) as caught:
        import_city(folders[0], town.block, None, quiet)
    assert caught.value.code == "wrong-level"
    assert sorted((settings.MEDIA_ROOT / "snapshots").iterdir()) == before


def test_a_title_that_names_no_one_quarter_is_told_before_it_is_published(snapshots, town):
    """The title of made-up quarters, the folder's own name, and another quarter's; a title of its own is in order."""
    from django.test import Client

    from hutong.service.twin.models import Snapshot
    from hutong.service.twin.selectors import title_doubt
    from hutong.service.twin.services import publish

    found, reader = snapshots[1], Client(headers={"accept-language": "en"})
    reader.force_login(town.person("district"), backend=BACKEND)

    def said(zh, en):
        found.title_zh, found.title_en = zh, en
        found.save()
        shown = reader.get(f"/twin/{found.pk}").content.decode()
        doubt = title_doubt(found)
        assert ("hutong new --title" in shown) == (doubt is not None)
        return doubt and doubt[0].en

    assert (
        said("虚构街区", "Fictional quarter")
        == "The title “Fictional quarter” says of no quarter which it is."
    )
    assert "says of no quarter" in said(found.name, found.name)
    assert said("什刹海", "Shichahai") is None
    other = Snapshot.objects.get(pk=snapshots[0].pk)
    other.pk, other.place, other.title_zh, other.title_en = (
        None,
        town.at("quarter", far=True),
        "什刹海",
        "Shichahai",
    )
    other.save()
    assert said("什刹海", "Shichahai") == "A snapshot of another quarter is called “Shichahai” too."
    publish(found)
    assert said("什刹海", "Shichahai") is None  # it is out


def test_an_altered_folder_is_refused_whole(folders, town, tmp_path):
    import shutil

    from hutong.service.twin.models import Snapshot
    from hutong.service.twin.services import import_city

    before = Snapshot.objects.count()
    bad = shutil.copytree(folders[0], tmp_path / "bad")
    frame = pd.read_parquet(bad / "dwellings.parquet")
    frame.loc[0, "residents"] += 1
    frame.to_parquet(bad / "dwellings.parquet", index=False)
    with pytest.raises(HutongError) as caught:
        import_city(bad, town.quarter, None, quiet)
    assert caught.value.code == "altered"
    assert Snapshot.objects.count() == before


def test_years_of_a_quarter_share_their_places(snapshots):
    first, second = (set(s.buildings.values_list("place_id", flat=True)) for s in snapshots)
    assert first == second


def packed(folder, **extra):
    """Return a folder as a zip file, with more files in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"quarter/{path.name}")
        for name, data in extra.items():
            archive.writestr(name, data)
    buffer.seek(0)
    buffer.name = "city.zip"
    return buffer


def test_a_planner_sends_a_city_folder_and_it_is_imported(client, town, folders):
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.models import Job

    planner = town.person("planner")
    client.force_login(planner, backend=BACKEND)
    got = client.post("/twin/import", {"place": town.quarter.pk, "file": packed(folders[0])})
    job = Job.objects.get()
    assert got["Location"] == f"/jobs/{job.pk}"
    result = jobs.run(job.pk)
    page = client.get(result).content.decode()
    assert "Fictional quarter" in page
    client.logout()
    assert client.get(result).status_code == 403  # a draft


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"quarter/evil.py": "x"}, "not-a-city"),
        ({"../../etc/city.toml": "x"}, "not-a-city"),
        ({"elsewhere/blocks.parquet": "x"}, "not-a-city"),
    ],
)
def test_strange_archives_are_refused(folders, database, extra, code):
    from hutong.service.twin.uploads import unpack

    with pytest.raises(HutongError) as caught:
        unpack(packed(folders[0], **extra))
    assert caught.value.code == code
    with pytest.raises(HutongError) as caught:
        unpack(io.BytesIO(b"no zip"))
    assert caught.value.code == "not-a-zip"


def test_what_is_drawn_from_afar_is_a_bit_a_building_unless_all_are(tmp_path):
    import base64

    from hutong.service.twin.tiles import write_afar

    drawn = np.array([True, False, False, True, False, False, False, False, True, False])
    write_afar(drawn, tmp_path / "some")
    packed = base64.b64decode((tmp_path / "some").read_bytes())
    assert [bool(packed[i >> 3] >> (i & 7) & 1) for i in range(10)] == drawn.tolist()  # as map.js reads it
    write_afar(np.ones(10, bool), tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_tiles_are_sent_in_ranges(client, snapshots):
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    url = f"/twin/{snapshots[1].pk}/map.pmtiles"
    whole = b"".join(client.get(url).streaming_content)
    assert whole.startswith(b"PMTiles")
    got = client.get(url, headers={"range": "bytes=7-20"})
    assert got.status_code == 206
    assert b"".join(got.streaming_content) == whole[7:21]
    assert got["Content-Range"] == f"bytes 7-20/{len(whole)}"
    tail = client.get(url, headers={"range": "bytes=-5"})
    assert b"".join(tail.streaming_content) == whole[-5:]
    assert client.get(url, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    assert client.get(url, headers={"if-none-match": got["ETag"]}).status_code == 304


def test_layers_have_a_class_per_building_that_the_legend_counts(snapshots):
    for path in (snapshots[1].folder / "layers").glob("*.json"):
        data = json.loads(path.read_text("utf-8"))
        codes = unpacked(data["codes"])
        assert len(codes) == snapshots[1].counts["buildings"]
        assert data["counts"] == [int((codes == k).sum()) for k in (*range(len(data["classes"])), -1)]


def test_downloads_hold_the_same_buildings(snapshots, folders):
    city = City.load(folders[2])["buildings"]
    folder = snapshots[1].folder / "downloads"
    plain = pd.read_csv(folder / "buildings.csv")
    parquet = gpd.read_parquet(folder / "buildings.parquet")
    geojson = gpd.read_file(folder / "buildings.geojson")
    for table in (plain, parquet, geojson):
        assert list(table["building_id"]) == list(city["building_id"])
        assert np.allclose(table["built_year"], city["built_year"].astype(float))
        assert set(table["built_year_origin"]) == {"assumed"}
    back = geojson.to_crs(city.crs)
    assert np.allclose(back.area, city.geometry.area, rtol=2e-3)
    assert not set(plain.columns) & {"residents", "elders", "income_band"}  # nothing about who lives there


def test_a_name_that_begins_like_a_formula_is_a_word_in_the_table(folders, tmp_path):
    """Whoever drew the map chose the names: a spreadsheet that opens the table computes none of them."""
    from hutong.sense.sheets import FORMULA
    from hutong.service.twin.downloads import write_downloads

    city = City.load(folders[2])
    names = [f"{sign}1+1" for sign in FORMULA] + ['=HYPERLINK("http://evil.example/","字")']
    city["buildings"]["name"] = [names[row % len(names)] for row in range(len(city["buildings"]))]
    write_downloads(city, tmp_path)
    with (tmp_path / "buildings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["name"] for r in rows] == [f"'{n}" for n in city["buildings"]["name"]]
    assert not [
        c for r in rows for c in r.values() if c.startswith(FORMULA) and not re.fullmatch(r"-?[\d.e-]+", c)
    ]
    assert list(gpd.read_parquet(tmp_path / "buildings.parquet")["name"]) == list(city["buildings"]["name"])


def test_cityjson_is_a_closed_solid_per_building(snapshots, folders):
    from hutong.service.twin.tiles import drawn_height

    city = City.load(folders[2])
    data = json.loads((snapshots[1].folder / "downloads" / "city.city.json").read_text("utf-8"))
    assert (data["type"], data["version"]) == ("CityJSON", "2.0")
    assert data["metadata"]["referenceSystem"].endswith("/EPSG/0/4548")
    at = np.array(data["vertices"]) * data["transform"]["scale"] + data["transform"]["translate"]
    assert len(at) == len(np.unique(at, axis=0))
    heights = drawn_height(city)
    for row, (key, thing) in enumerate(data["CityObjects"].items()):
        assert key == city["buildings"]["building_id"][row]
        (shell,) = thing["geometry"][0]["boundaries"]
        directed = [
            (a, b) for face in shell for ring in face for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
        ]
        assert len(directed) == len(set(directed))
        assert {(b, a) for a, b in directed} == set(directed)  # every edge is walked once each way: closed
        assert volume(shell, at) == pytest.approx(
            city["buildings"].geometry[row].area * heights[row], rel=1e-3
        )


def volume(shell, at):
    """Return the volume that outward faces enclose (divergence theorem): positive only if they face out."""
    total = 0.0
    for face in shell:
        for ring in face:
            points = at[ring] - at.mean(axis=0)
            total += sum(
                np.dot(points[0], np.cross(points[i], points[i + 1])) / 6 for i in range(1, len(ring) - 1)
            )
    return total


def test_a_courtyard_with_a_hole_is_closed(database):
    from hutong.service.twin.downloads import solids

    square = shapely.box(0, 0, 10, 10).difference(shapely.box(3, 3, 6, 6))
    two = shapely.MultiPolygon([shapely.box(20, 0, 21, 2), shapely.box(30, 0, 32, 2)])
    shells, vertices = solids(np.array([square, two]), np.array([4.0, 3.0]), (0.0, 0.0))
    at = np.array(vertices) / 1000
    assert [len(s) for s in shells] == [1, 2]
    assert volume(shells[0][0], at) == pytest.approx(91 * 4)
    assert [volume(shell, at) for shell in shells[1]] == pytest.approx([6, 12])


def test_the_list_finds_sorts_and_turns_pages(client, snapshots):
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    url = f"/twin/{snapshots[1].pk}/buildings"
    first = snapshots[1].buildings.order_by("row").first()
    assert first.called.zh in client.get(url, {"q": first.building_id}).content.decode()
    assert "Nothing found" in client.get(url, {"q": "no such thing"}).content.decode()
    oldest = snapshots[1].buildings.order_by("built_year", "row").first()
    page = client.get(url, {"order": "built_year"}).content.decode()
    assert page.index(f"/buildings/{oldest.building_id}") == page.index("/buildings/b")
    assert client.get(url, {"order": "'; drop table", "page": "999"}).status_code == 200


def test_a_dossier_marks_what_was_not_observed(client, snapshots):
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    page = client.get(f"/twin/{snapshots[1].pk}/buildings/b0000001").content.decode()
    assert page.count('class="tag assumed"') >= 10
    assert "Counts only" in page
    part = client.get(f"/twin/{snapshots[1].pk}/rows/0").content.decode()
    assert "<html" not in part
    assert client.get(f"/twin/{snapshots[1].pk}/rows/99999").status_code == 404


def test_unpublishing_closes_it(client, snapshots, town):
    office = town.person("district")
    client.force_login(office, backend=BACKEND)
    url = f"/twin/{snapshots[0].pk}"
    assert client.post(f"{url}/publish").status_code == 302
    client.logout()
    assert client.get(url).status_code == 200
    client.force_login(office, backend=BACKEND)
    client.post(f"{url}/unpublish")
    client.logout()
    assert client.get(url).status_code == 403


def test_classes_are_packed_as_one_character_each(database):
    from hutong.service.twin.layers import packed

    codes = np.array([-1, 0, 5, 9, -1, 3])
    assert packed(codes) == "/059/3"
    assert unpacked(packed(codes)).tolist() == codes.tolist()


def test_requests_are_counted_by_the_smallest_place_and_few_are_not_shown(database):
    import datetime as dt

    from hutong.service.twin.live import request_layer

    block, estate = "/c/q/b/", "/c/q/b/e/"
    places, homes = [block, estate, estate], [50, 60, 40]
    reported = [f"{estate}house/"] * 5 + [estate] * 2 + [f"{block}shop/"] * 2 + ["/c/q/"] * 9
    year = (dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    layer = request_layer(places, homes, reported, year)
    assert layer.codes.tolist() == [-1, 2, 2]  # two at the block are too few; seven on 100 homes are 5–10
    assert layer.counts() == [0, 0, 2, 0, 0, 1]
    more = request_layer(places, homes, [*reported, block], year)
    assert more.codes.tolist() == [2, 2, 2]  # three on 50 homes are six on 100
    assert request_layer([block], [0], [block] * 5, year).codes.tolist() == [
        -1
    ]  # without homes nothing is told


@pytest.mark.parametrize(
    ("tenure", "named", "others"),
    [
        ({"private": 5, "reform": 4}, {"private": 5, "reform": 4}, 0),
        (
            {"private": 5, "reform": 4, "central": 2},
            {"private": 5},
            6,
        ),  # two alone would be told by the total
        ({"private": 9, "reform": 1, "central": 2}, {"private": 9}, 3),
        ({"private": 2, "reform": 1}, {}, 3),
        ({"private": 1, "reform": 1}, {}, 0),
        ({}, {}, 0),
    ],
)
def test_few_homes_are_never_told_apart(tenure, named, others, database):
    from hutong.service.twin.homes import public_homes

    total = sum(tenure.values())
    shown = public_homes({"dwellings": total, "tenure": tenure, "residents": 7.0})
    assert (dict(shown.tenure), shown.others) == (named, others)
    assert shown.residents == (7.0 if total >= 3 else None)
    assert all(n >= 3 for n in [*dict(shown.tenure).values(), *([shown.others] if shown.others else [])])


def test_carbon_of_a_building_is_that_of_the_account(snapshots, folders):
    import datetime as dt

    from hutong.rules import load_rules
    from hutong.sense.carbon import operational
    from hutong.service.twin.carbon import BOUNDS, carbon_of

    city = City.load(folders[2])
    table = operational(city, load_rules("beijing", dt.date(2026, 1, 1))).buildings
    layer = json.loads((snapshots[1].folder / "layers" / "carbon.json").read_text("utf-8"))
    codes = unpacked(layer["codes"])
    for row, want in table.iterrows():
        got = carbon_of(snapshots[1].folder, row)
        total = next(s for s in got.shares if s.part == "total")
        if np.isnan(want["total_low"]):
            assert (total.low_t, total.high_t, codes[row]) == (None, None, -1)
            assert got.reason.en == want["reason_en"] != ""
        else:
            assert total.low_t == pytest.approx(want["total_low"] / 1000)
            each = (want["total_low"] + want["total_high"]) / 2 / want["floor_m2"]
            assert BOUNDS[codes[row]] <= each < ([*BOUNDS[1:], np.inf][codes[row]])
    assert any(f["confidence"] == "U" for f in got.factors)


def test_every_layer_is_a_table_too(client, snapshots, run):
    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.twin.services import publish

    for snapshot in snapshots:
        publish(snapshot)
    run.snapshot.refresh_from_db()
    publish_run(run)
    url = f"/twin/{snapshots[1].pk}"
    page = client.get(f"{url}/map").content.decode()
    setup = json.loads(page.split('<script id="setup" type="application/json">')[1].split("</script>")[0])
    assert {"condition", "year", "use", "carbon", "requests", "finding"} <= set(setup["layers"])
    other = setup["others"][str(snapshots[0].pk)]
    assert "finding" not in other["layers"]  # the earlier day was not checked, and the map says so
    assert other["layers"]["year"] != setup["layers"]["year"]
    for name, at in setup["layers"].items():
        answer = client.get(at)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        data = json.loads(body)
        table = client.get(f"{url}/layers", {"layer": name, "against": snapshots[0].pk}).content.decode()
        assert sum(data["counts"]) == snapshots[1].counts["buildings"] == len(data["codes"])
        for both in data["classes"]:
            assert both["en"].replace("<", "&lt;") in table
    first = next(k for k, n in enumerate(data["counts"]) if n)
    shown = client.get(f"{url}/layers", {"layer": name, "class": first}).content.decode()
    assert shown.count('class="pick"') == min(50, data["counts"][first])
    assert client.get(f"{url}/layers", {"layer": "no-such"}).status_code == 404


def test_a_dossier_is_the_living_file(client, snapshots, town):
    from hutong.service.ledger import services as ledger
    from hutong.service.requests import services as requests
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    building = snapshots[1].buildings.select_related("place__parent").get(row=0)
    url = f"/twin/{snapshots[1].pk}/buildings/{building.building_id}"
    for n in range(2):
        requests.file(requests.NewRequest(building.place, f"天花板漏水 {n}"))
    page = client.get(url).content.decode()
    assert "Fewer than 3 in this building" in " ".join(page.split())
    requests.file(requests.NewRequest(building.place, "天花板漏水 3"))
    entry = ledger.record(
        "ballot.cast",
        {"ballot": "b", "channel": "counter"},
        {"voter": "v", "choice": "for"},
        place=building.place,
    )
    page = client.get(url).content.decode()
    assert "3 requests" in " ".join(page.split())
    assert "天花板" not in page  # what was said is never public
    assert f"/ledger/{entry.index}" in page
    assert "Which factors it rests on" in page
    assert page.count("Homes by tenure") == 1
