// The places of the stories as pins on the twin's map, or a spot for a new one under a cross in its middle.
import { colour, controls, line, makeMap, pin, setup } from "../twin/draw.js";

const failed = setup.lang === "zh" ? "没有取到地图的颜色，请重新打开本页。" : "The colours of the map could not be fetched; load the page again.";
const form = document.getElementById("spot");

function pins(map) {
  const at = new Map();
  for (const story of setup.stories) {
    const key = `${story.lon} ${story.lat}`;
    at.set(key, [...(at.get(key) ?? []), story]);
  }
  for (const stories of at.values()) {
    const [first] = stories;
    const link = document.createElement("a");
    link.className = "pin";
    link.href = `#story-${first.id}`;
    const title = document.createElement("span");
    title.className = "vh";
    title.textContent = first.title;
    link.append(`${stories.length} `, title);
    pin(map, [first.lon, first.lat], link);
  }
}

try {
  const [west, south, east, north] = setup.bounds;
  const flat = { center: [(west + east) / 2, (south + north) / 2], zoom: 16, pitch: 0, bearing: 0 };
  const map = makeMap("map", setup, form ? flat : {});
  controls(map);
  map.ready.then(async () => {
    if (form) {
      form.hidden = false;
      map.on("click", (event) => map.easeTo({ center: event.lngLat }));
      form.addEventListener("submit", () => {
        const { lng, lat } = map.getCenter();
        form.elements.lon.value = lng;
        form.elements.lat.value = lat;
      });
    } else {
      pins(map);
    }
    if (setup.layer) {
      try {
        const answer = await fetch(setup.layer);
        if (!answer.ok) throw new Error(`${answer.status} ${setup.layer}`);
        await colour(map, await answer.json());
      } catch (problem) {
        const note = line(failed, "error");
        note.setAttribute("role", "alert");
        document.querySelector(".storymap").after(note);
        throw problem;
      }
    }
    document.documentElement.dataset.map = "coloured";
  });
} catch (problem) {
  document.getElementById("nomap").hidden = false;
  throw problem;
}
