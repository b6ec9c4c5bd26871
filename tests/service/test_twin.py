"""Importing a city folder, and what can be read of it."""

from __future__ import annotations

import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hutong.city import City
from hutong.errors import HutongError
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
        codes = np.array(data["codes"])
        assert len(codes) == snapshots[1].counts["buildings"]
        assert data["counts"] == [int((codes == k).sum()) for k in (*range(len(data["classes"])), -1)]


def test_downloads_hold_the_same_buildings(snapshots, folders):
    city = City.load(folders[2])["buildings"]
    folder = snapshots[1].folder / "downloads"
    csv = pd.read_csv(folder / "buildings.csv")
    parquet = gpd.read_parquet(folder / "buildings.parquet")
    geojson = gpd.read_file(folder / "buildings.geojson")
    for table in (csv, parquet, geojson):
        assert list(table["building_id"]) == list(city["building_id"])
        assert np.allclose(table["built_year"], city["built_year"].astype(float))
        assert set(table["built_year_origin"]) == {"assumed"}
    back = geojson.to_crs(city.crs)
    assert np.allclose(back.area, city.geometry.area, rtol=2e-3)
    assert not set(csv.columns) & {"residents", "elders", "income_band"}  # nothing about who lives there


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
    from hutong.service.twin.downloads import _shell

    square = shapely.box(0, 0, 10, 10).difference(shapely.box(3, 3, 6, 6))
    points: dict = {}
    shell = _shell(square, 4.0, lambda *p: points.setdefault(p, len(points)))
    assert volume(shell, np.array(list(points))) == pytest.approx(91 * 4)


def test_the_list_finds_sorts_and_turns_pages(client, snapshots):
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    url = f"/twin/{snapshots[1].pk}/buildings"
    first = snapshots[1].buildings.order_by("row").first()
    assert first.called in client.get(url, {"q": first.building_id}).content.decode()
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
