"""What the pages use in the browser is kept packed as well, since most who come have a phone."""

import gzip
import json

from hutong.service.frontend import install


def test_scripts_and_styles_lie_packed_beside_themselves(tmp_path):
    listed = json.loads((install.HERE / "files.json").read_text())
    for package, files in listed.items():
        for file in files:
            at = tmp_path / "modules" / package / file
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(f"{package} {file}\n" * 9)
    install._collect(tmp_path / "modules", tmp_path / "out")
    plain = [p for p in (tmp_path / "out").rglob("*") if p.suffix in install.PACKED]
    assert {p.name for p in plain} >= {"maplibre-gl.mjs", "maplibre-gl.css", "htmx.min.js"}
    for path in plain:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()
    assert not list((tmp_path / "out").rglob("LICENSE*.gz"))
    assert (tmp_path / "out" / "stamp").read_text() == install.stamp()
