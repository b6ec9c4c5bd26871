"""A hundred thousand buildings on a phone: import, tiles, first map, recolour, tap → dossier.

    ./run python bench/phone_map.py [DWELLINGS]

Makes a quarter (1,750,000 dwellings are 100,644 buildings), imports it as an office would, serves it, and opens its map in
Chromium at 360 px with the processor slowed down four times (``Emulation.setCPUThrottlingRate``) and software rendering.
A phone has a graphics processor; this machine has none, so the drawing itself is slower here than there.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from hutong.city import make_quarter

SLOWED = 4
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
HUTONG = [sys.executable, "-c", "from hutong.cli import main; main()"]


def command(env: dict[str, str], *words: str) -> tuple[float, float, float]:
    """Run a command of ours; return its seconds, CPU-seconds and the peak memory of all so far in GiB."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([*HUTONG, *words], env=env, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu, after.ru_maxrss / 2**20


def prepare(folder: Path, dwellings: int, env: dict[str, str]) -> None:
    """Make the quarter and import it into an empty site."""
    start = time.process_time()
    city = make_quarter(dwellings, seed=1, titles=False)
    city.save(folder / "city")
    print(f"{len(city['buildings']):,} buildings made in {time.process_time() - start:.1f} CPU-s")
    command(env, "service", "migrate")
    command(env, "service", "administrator", "admin", "c", "市", "City")
    parent = "/c/"
    for level in ("district", "subdistrict", "quarter"):
        command(env, "service", "place", parent, level, level, level, level)
        parent += f"{level}/"
    wall, cpu, peak = command(env, "service", "import", str(folder / "city"), "--quarter", parent)
    print(f"import: {wall:.0f} s, {cpu:.0f} CPU-s, {peak:.2f} GiB")
    snapshot = next((folder / "data" / "snapshots").iterdir())
    for name in ("map.pmtiles", "layers/year.json", "layers/carbon.json", "downloads/buildings.geojson"):
        print(f"  {name}: {(snapshot / name).stat().st_size / 1e6:.1f} MB")
    os.environ.update(env)
    from hutong.service.setup import ready

    ready()
    from hutong.service.twin import selectors, services

    services.publish(selectors.snapshot(1))


def look(address: str) -> None:
    """Open the map on a slow phone and say how long things take."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
        sent = []
        page.on("response", lambda r: sent.append(int(r.headers.get("content-length", 0))))
        cdp = page.context.new_cdp_session(page)
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})

        def timed(what: str, act, done: str) -> None:
            start = time.perf_counter()
            act()
            page.wait_for_selector(done, timeout=300_000, state="attached")
            print(f"{what}: {time.perf_counter() - start:.2f} s")

        timed("first map", lambda: page.goto(f"{address}/twin/1/map"), "html[data-drawn='1']")
        print(f"  {sum(sent) / 1e6:.1f} MB in {len(sent)} answers")
        timed("recolour by year", lambda: page.select_option("#layer", "year"), "html[data-drawn='2']")
        timed("recolour by carbon", lambda: page.select_option("#layer", "carbon"), "html[data-drawn='3']")
        box = page.locator("#map canvas").bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

        def tap() -> None:  # the middle may be a street: try around it
            for step in range(12):
                page.mouse.click(middle[0] + step * 3, middle[1] + step * 2)
                if page.locator("#panel h2").count():
                    return
                page.wait_for_timeout(150)

        timed("tap → dossier", tap, "#panel h2#panel-title")
        page.evaluate("document.documentElement.dataset.drawn = ''")
        start = time.perf_counter()
        page.mouse.move(*middle)
        for _ in range(10):
            page.mouse.wheel(0, -400)
        page.wait_for_timeout(200)
        page.select_option("#layer", "use")
        page.wait_for_selector("html[data-drawn='4']", timeout=300_000, state="attached")
        print(f"zoom in and recolour by use: {time.perf_counter() - start:.2f} s")
        page.screenshot(path=str(Path(tempfile.gettempdir()) / "hutong-phone-map.png"))
        browser.close()


def main() -> None:
    """Run everything in a folder that is removed at the end."""
    dwellings = int(sys.argv[1]) if len(sys.argv) > 1 else 1_750_000
    with tempfile.TemporaryDirectory(prefix="hutong-phone-") as name:
        folder = Path(name)
        env = {**os.environ, "HUTONG_DATA": str(folder / "data"), "HUTONG_LANG": "en"}
        (folder / "data").mkdir()
        prepare(folder, dwellings, env)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [*HUTONG, "serve", "--no-demo", "--port", str(port)], env=env, stdout=subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    urllib.request.urlopen(address).close()
                    break
                except OSError:
                    time.sleep(0.5)
            look(address)
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    main()
