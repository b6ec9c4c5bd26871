// The map of a snapshot: tiles from one file, colours by feature state, a second snapshot behind a divide.
import * as maplibregl from "../vendor/maplibre-gl/maplibre-gl.mjs";

const setup = JSON.parse(document.getElementById("setup").textContent);
const select = document.getElementById("layer");
const against = document.getElementById("against");
const legend = document.getElementById("legend");
const panel = document.getElementById("panel");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const words = setup.lang === "zh"
  ? { all: "栋", guess: (n) => `其中 ${n} 栋含推算或假设的数。`, stand: "高度未知的按层数或 3 米画。" }
  : { all: "buildings", guess: (n) => `${n} of them rest on imputed or assumed values.`, stand: "Unknown heights are drawn from storeys, or as 3 m." };

maplibregl.addProtocol("pmtiles", new pmtiles.Protocol().tile);

const colours = (data) => data.classes.map((_, k) => css(`--${data.palette}-${k}`));

// classes as colours; a building without one has the colour of "none"
function paint(data) {
  if (!data) return css("--none-fill");
  const rule = ["match", ["coalesce", ["feature-state", "c"], -1]];
  colours(data).forEach((colour, k) => rule.push(k, colour));
  return [...rule, css("--none-fill")];
}

function style(source) {
  const ground = { residential: "#EAE3D6", green: "#CFDDC4", education: "#DCE3EC", medical: "#EBDCDC", commercial: "#EBDFC9" };
  const dark = css("--paper") !== "#F7F5F1";
  const land = dark ? css("--card") : ["match", ["get", "land_use"], ...Object.entries(ground).flat(), "#EFECE5"];
  return {
    version: 8,
    sources: { city: { type: "vector", url: `pmtiles://${location.origin}${source.tiles}`, promoteId: { buildings: "i" } } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": css("--paper") } },
      { id: "plots", type: "fill", source: "city", "source-layer": "plots", paint: { "fill-color": land } },
      { id: "streets", type: "line", source: "city", "source-layer": "streets", paint: { "line-color": css("--mortar"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 12, 0.6, 18, 8] } },
      { id: "blocks", type: "line", source: "city", "source-layer": "blocks", paint: { "line-color": css("--line"), "line-width": 1 } },
      { id: "houses", type: "fill-extrusion", source: "city", "source-layer": "buildings", paint: { "fill-extrusion-height": ["get", "h"], "fill-extrusion-color": css("--none-fill"), "fill-extrusion-opacity": 0.95 } },
      { id: "places", type: "circle", source: "city", "source-layer": "facilities", minzoom: 15, paint: { "circle-radius": 3.5, "circle-color": css("--ink"), "circle-stroke-color": css("--card"), "circle-stroke-width": 1.5 } },
    ],
  };
}

function makeMap(container, source, camera = {}) {
  const map = new maplibregl.Map({
    container, style: style(source), attributionControl: false, maxPitch: 70,
    ...(camera.center ? camera : { bounds: setup.bounds, fitBoundsOptions: { padding: 32 }, pitch: 45, bearing: -12 }),
  });
  map.ready = new Promise((done) => map.once("load", done));
  return map;
}

async function colour(map, data) {
  await map.ready;
  if (data) data.codes.forEach((c, id) => map.setFeatureState({ source: "city", sourceLayer: "buildings", id }, { c }));
  map.setPaintProperty("houses", "fill-extrusion-color", paint(data));
}

async function fetched(url) {
  const answer = await fetch(url);
  return answer.ok ? answer.json() : null;
}

function tell(data) {
  const list = document.createElement("ul");
  list.className = "legend";
  const rows = data.classes.map((name, k) => [name, colours(data)[k], data.counts[k]]);
  rows.push([data.absent, css("--none-fill"), data.counts.at(-1)]);
  for (const [name, fill, count] of rows) {
    const row = document.createElement("li");
    const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({ width: "100%", height: "100%", fill })) rect.setAttribute(key, value);
    box.append(rect);
    box.setAttribute("aria-hidden", "true");
    const label = document.createElement("span");
    label.textContent = name[setup.lang];
    const n = document.createElement("span");
    n.className = "n";
    n.textContent = count.toLocaleString("en");
    row.append(box, label, n);
    list.append(row);
  }
  const notes = [data.note[setup.lang], words.stand];
  if (data.guessed) notes.unshift(words.guess(data.guessed));
  const said = notes.map((text) => {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = text;
    return note;
  });
  legend.replaceChildren(list, ...said);
}

async function openDossier(row) {
  const answer = await fetch(setup.dossier + row);
  if (!answer.ok) return;
  panel.innerHTML = await answer.text(); // our own page, escaped by the server
  htmx.process(panel);
  document.getElementById("panel-title").focus({ preventScroll: matchMedia("(min-width:1024px)").matches });
}

function start() {
  const map = makeMap("map", setup);
  map.addControl(new maplibregl.NavigationControl({ visualizePitch: true }), "top-right");
  map.addControl(new maplibregl.ScaleControl(), "bottom-right");
  let other = null;
  let chosen = null;

  function choose(row) {
    if (chosen !== null) map.setFilter("chosen", ["==", ["get", "i"], -1]);
    chosen = row;
    map.setFilter("chosen", ["==", ["get", "i"], row]);
    history.replaceState(null, "", `#${row}`);
    openDossier(row);
  }

  async function recolour() {
    const data = await fetched(select.value);
    if (!data) return;
    tell(data);
    await colour(map, data);
    if (other) {
      const id = select.selectedOptions[0].dataset.id;
      await colour(other, await fetched(other.source.layers.replace("LAYER", id)));
    }
    document.documentElement.dataset.map = "coloured";
  }

  map.ready.then(() => {
    map.addLayer({ id: "chosen", type: "fill-extrusion", source: "city", "source-layer": "buildings", filter: ["==", ["get", "i"], -1], paint: { "fill-extrusion-color": css("--focus"), "fill-extrusion-height": ["+", ["get", "h"], 0.5] } });
    map.on("click", "houses", (event) => choose(event.features[0].properties.i));
    for (const [name, cursor] of [["mouseenter", "pointer"], ["mouseleave", ""]]) {
      map.on(name, "houses", () => { map.getCanvas().style.cursor = cursor; });
    }
    const row = Number.parseInt(location.hash.slice(1), 10);
    if (row >= 0) choose(row);
  });
  select.addEventListener("change", recolour);
  recolour();

  const swipe = document.getElementById("swipe");
  const divide = document.getElementById("divide");
  const cut = () => { document.getElementById("map-against").style.clipPath = `inset(0 0 0 ${divide.value}%)`; };
  divide.addEventListener("input", cut);
  against?.addEventListener("change", () => {
    other?.remove();
    other = null;
    swipe.hidden = !against.value;
    if (!against.value) return;
    const source = setup.others[against.value];
    const camera = () => ({ center: map.getCenter(), zoom: map.getZoom(), bearing: map.getBearing(), pitch: map.getPitch() });
    other = makeMap("map-against", source, camera());
    other.source = source;
    const made = other;
    map.on("move", () => { if (made === other) made.jumpTo(camera()); });
    document.getElementById("when-left").textContent = setup.date;
    document.getElementById("when-right").textContent = source.date;
    cut();
    recolour();
  });
}

try {
  start();
} catch (problem) {
  document.getElementById("nomap").hidden = false;
  throw problem;
}
