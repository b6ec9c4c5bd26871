"""The checkup in the service is the checkup of the packages below, kept and shown."""

from __future__ import annotations

import json
import math

import pytest

from hutong.city import City
from hutong.errors import HutongError
from hutong.loop import Settings, rules_for
from hutong.sense import checkup as check_city
from hutong.sense import compare
from hutong.service.twin.layers import unpacked
from tests.service.conftest import quiet

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(scope="module")
def direct(folders):
    """Return the checkup and the comparison, made without the service."""
    first, second = (City.load(f) for f in folders[1:])
    rules = rules_for(second, Settings())
    check = check_city(second, rules)
    return check, compare(check_city(first, rules), check)


def same(a, b):
    return (a is None and math.isnan(b)) or a == b


def test_every_value_is_kept(run, direct):
    check, _ = direct
    kept = list(run.values.all())
    assert len(kept) == len(check.values)
    for value, row in zip(kept, check.values.to_dict("records"), strict=True):
        assert (value.indicator, value.scale, value.place_id) == (
            row["indicator"],
            row["scale"],
            row["place_id"],
        )
        assert value.status == row["status"]
        assert same(value.value, row["value"])
        assert same(value.coverage, row["coverage"])
        assert value.reason.zh == row["reason_zh"]


def test_findings_keep_their_order_and_their_buildings(run, direct):
    check, _ = direct
    kept = list(run.findings.all())
    assert len(kept) == len(check.findings) > 0
    for finding, found in zip(kept, check.findings, strict=True):
        assert (finding.indicator, finding.place_id, finding.reason) == (
            found.indicator,
            found.place_id,
            found.reason,
        )
        assert set(finding.buildings.values_list("building_id", flat=True)) == set(found.objects)


def test_the_61_have_a_value_or_a_reason(run):
    assert len(run.national) == 61
    for row in run.national:
        assert (row["value"] is not None) == (row["status"] == "known")
        assert row["status"] == "known" or row["reason_zh"]


def test_changes_are_those_of_the_comparison(run, direct):
    _, changes = direct
    kept = {(c.indicator, c.scale, c.place_id): c.verdict for c in run.changes.all()}
    assert kept == {
        (r["indicator"], r["scale"], r["place_id"]): r["verdict"] for r in changes.to_dict("records")
    }


def test_only_an_earlier_one_of_the_same_quarter_is_compared(snapshots):
    from hutong.service.checkup.models import Run
    from hutong.service.checkup.services import make_checkup

    before = Run.objects.count()
    with pytest.raises(HutongError) as caught:
        make_checkup(snapshots[0], snapshots[1], "beijing", None, quiet)
    assert caught.value.code == "not-earlier"
    with pytest.raises(HutongError):
        make_checkup(snapshots[0], None, "atlantis", None, quiet)
    assert Run.objects.count() == before
    assert not (snapshots[0].folder / "checkups").exists()


def test_the_whole_of_it_through_the_pages(client, snapshots, town):
    from hutong.service.checkup.models import Run
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.models import Job
    from hutong.service.twin.services import publish

    client.force_login(town.person("district"), backend=BACKEND)
    assert client.post(f"/checkup/of/{snapshots[1].pk}").status_code == 302
    url = jobs.run(Job.objects.get().pk)
    run = Run.objects.latest("pk")
    assert run.against == snapshots[0]
    assert client.post(f"{url}/publish").status_code == 400  # its snapshot is a draft
    publish(snapshots[1])
    assert client.post(f"{url}/publish").status_code == 302
    client.logout()
    for part in ("", "/whole", "/national", "/indicators", "/findings", "/findings/1", "/changes"):
        page = client.get(url + part)
        assert page.status_code == 200
        assert "nan" not in page.content.decode().split("<main", 1)[1].lower().replace("finance", "").replace(
            "maintenance", ""
        ).replace("tenan", "")
    finding = run.findings.first()
    named = finding.buildings.first()
    dossier = client.get(f"/twin/{snapshots[1].pk}/buildings/{named.building_id}").content.decode()
    assert finding.title.en in dossier
    assert finding.title.en in client.get("/").content.decode()
    figures = json.loads(b"".join(client.get(f"{url}/metrics.json").streaming_content))
    assert {m["status"] for m in figures["metrics"].values()} <= {"known", "unknown", "not_applicable"}
    map_page = client.get(f"/twin/{snapshots[1].pk}/map").content.decode()
    assert f"/checkup/{run.pk}/layers/finding.json" in map_page


def test_layers_have_the_status_of_the_estate(run, folders):
    city = City.load(folders[2])
    estate_of = city["plots"].set_index("plot_id")["estate_id"].reindex(city["buildings"]["plot_id"]).tolist()
    words = ["good", "watch", "warn", "alarm"]
    data = json.loads((run.folder / "layers" / "structure_hazard.json").read_text("utf-8"))
    status = {v.place_id: v.status for v in run.values.filter(indicator="structure_hazard", scale="estate")}
    seen = 0
    for code, estate in zip(unpacked(data["codes"]), estate_of, strict=True):
        if isinstance(estate, str) and estate in status:
            assert code == (words.index(status[estate]) if status[estate] in words else -1)
            seen += 1
    assert seen > 10


def test_unpublishing_the_snapshot_closes_its_checkup(client, run):
    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.twin.services import publish, unpublish

    publish(run.snapshot)
    publish_run(run)
    assert client.get(f"/checkup/{run.pk}").status_code == 200
    unpublish(run.snapshot)
    assert client.get(f"/checkup/{run.pk}").status_code == 403
    assert "Fictional quarter" not in client.get("/checkup/").content.decode()
