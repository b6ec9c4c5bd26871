// Drawing a quarter: tiles from one file, colours by feature state, and the legend. The page says where in #setup.
import * as maplibregl from "../vendor/maplibre-gl/maplibre-gl.mjs";

export const setup = JSON.parse(document.getElementById("setup").textContent);
const legend = document.getElementById("legend");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const words = setup.lang === "zh"
  ? { absent: "那一年没有这一项。", guess: (n) => `其中 ${n} 栋含推算或假设的数。`, stand: "高度未知的按层数或 3 米画。" }
  : { absent: "That year has no such layer.", guess: (n) => `${n} of them rest on imputed or assumed values.`, stand: "Unknown heights are drawn from storeys, or as 3 m." };

maplibregl.addProtocol("pmtiles", new pmtiles.Protocol().tile);

const NEAR = 13; // farther away than this a large quarter is drawn by one building per cell (tiles.py)
const RAISED = 14; // from this zoom on buildings have height; farther away they are flat, which a phone draws many times faster

const colours = (data) => data.classes.map((_, k) => css(`--${data.palette}-${k}`));

// every colour of every palette has a number, its ink, which is the state of a building: one rule holds for all layers
// and never changes, for a new rule would have all tiles laid out again
const inks = [];
const firstInk = new Map();
function inkOf(palette) {
  if (!firstInk.has(palette)) {
    firstInk.set(palette, inks.length);
    for (let k = 0, colour; (colour = css(`--${palette}-${k}`)); k += 1) inks.push(colour);
  }
  return firstInk.get(palette);
}
["condition", "year", "use", "carbon", "requests", "finding", "status", "works", "scheme"].forEach(inkOf);

// inks as colours; a building without one has the colour of "none", the chosen one its own
function paint() {
  const none = css("--none-fill");
  const rule = ["match", ["coalesce", ["feature-state", "c"], -1], ...inks.flatMap((colour, k) => [k, colour]), none];
  return ["case", ["boolean", ["feature-state", "on"], false], css("--focus"), rule];
}

function style(source) {
  const ground = { residential: "#EAE3D6", green: "#CFDDC4", education: "#DCE3EC", medical: "#EBDCDC", commercial: "#EBDFC9" };
  const dark = css("--paper") !== "#F7F5F1";
  const land = dark ? css("--card") : ["match", ["get", "land_use"], ...Object.entries(ground).flat(), "#EFECE5"];
  return {
    version: 8,
    sources: { city: { type: "vector", url: `pmtiles://${location.origin}${source.tiles}`, promoteId: { buildings: "i", roofs: "i" } } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": css("--paper") } },
      { id: "plots", type: "fill", source: "city", "source-layer": "plots", paint: { "fill-color": land } },
      { id: "streets", type: "line", source: "city", "source-layer": "streets", paint: { "line-color": css("--mortar"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 12, 0.6, 18, 8] } },
      { id: "blocks", type: "line", source: "city", "source-layer": "blocks", paint: { "line-color": css("--line"), "line-width": 1 } },
      { id: "afar", type: "fill", source: "city", "source-layer": "roofs", maxzoom: NEAR, paint: { "fill-color": paint(), "fill-antialias": false } },
      { id: "roofs", type: "fill", source: "city", "source-layer": "buildings", minzoom: NEAR, maxzoom: RAISED, paint: { "fill-color": paint(), "fill-antialias": false } },
      { id: "houses", type: "fill-extrusion", source: "city", "source-layer": "buildings", minzoom: RAISED, paint: { "fill-extrusion-height": ["get", "h"], "fill-extrusion-color": paint(), "fill-extrusion-opacity": 0.95 } },
      { id: "places", type: "circle", source: "city", "source-layer": "facilities", minzoom: 15, paint: { "circle-radius": 3.5, "circle-color": css("--ink"), "circle-stroke-color": css("--card"), "circle-stroke-width": 1.5 } },
    ],
  };
}

export function makeMap(container, source, camera = {}) {
  const map = new maplibregl.Map({
    container, style: style(source), attributionControl: false, maxPitch: 70,
    ...(camera.center ? camera : { bounds: setup.bounds, fitBoundsOptions: { padding: 32 }, pitch: 45, bearing: -12 }),
  });
  // the style, not every tile: colours are laid on while tiles still come
  map.ready = new Promise((done) => map.once("style.load", done));
  map.spread = {};
  map.afar = source.afar ? Uint8Array.from(atob(source.afar), (c) => c.charCodeAt(0)) : null; // a bit a building
  map.on("zoom", () => spread(map));
  return map;
}

// one character per building: the digit of its class, "/" (which stands before 0) for none; returned as inks
function unpack(data) {
  const first = inkOf(data.palette);
  const out = new Int8Array(data.codes.length);
  for (let i = 0; i < out.length; i += 1) {
    const k = data.codes.charCodeAt(i) - 48;
    out[i] = k < 0 ? k : first + k;
  }
  return out;
}

const DRAWN = [["afar", "fill-color"], ["roofs", "fill-color"], ["houses", "fill-extrusion-color"]];
const nearness = (map) => (map.getZoom() < NEAR ? "roofs" : "buildings");

// only what differs from what is drawn is told to the map, and only to the shapes that are seen at its zoom
function spread(map) {
  const sourceLayer = nearness(map);
  const codes = map.codes;
  if (!codes || map.spread[sourceLayer] === codes) return;
  const drawn = map.spread[sourceLayer] ?? new Int8Array(codes.length).fill(-1);
  const shown = sourceLayer === "roofs" ? map.afar : null;
  for (let id = 0; id < codes.length; id += 1) {
    if (codes[id] !== drawn[id] && (!shown || (shown[id >> 3] >> (id & 7)) & 1)) map.setFeatureState({ source: "city", sourceLayer, id }, { c: codes[id] });
  }
  map.spread[sourceLayer] = codes;
}

export async function colour(map, data) {
  await map.ready;
  const known = inks.length;
  map.codes = data ? unpack(data) : new Int8Array(map.codes?.length ?? 0).fill(-1);
  if (inks.length > known) { // a palette that the list above does not have
    for (const [layer, property] of DRAWN) map.setPaintProperty(layer, property, paint());
  }
  spread(map);
  map.triggerRepaint(); // also if nothing differs: whoever waits for it to be drawn is told
}

export function line(text, className = "note") {
  const note = document.createElement("p");
  note.className = className;
  note.textContent = text;
  return note;
}

// the legend: a colour, a name and how many buildings; two numbers where two years are compared
export function tell(data, then, comparing) {
  const list = document.createElement("ul");
  list.className = "legend";
  const rows = data.classes.map((name, k) => [name, colours(data)[k], k]);
  rows.push([data.absent, css("--none-fill"), data.counts.length - 1]);
  for (const [name, fill, k] of rows) {
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
    n.textContent = data.counts[k].toLocaleString("en") + (then ? ` → ${then.counts[k].toLocaleString("en")}` : "");
    row.append(box, label, n);
    list.append(row);
  }
  const notes = [data.note[setup.lang], words.stand];
  if (data.guessed) notes.unshift(words.guess(data.guessed));
  if (comparing && !then) notes.unshift(words.absent);
  legend.replaceChildren(list, ...notes.map((text) => line(text)));
}

// the controls that every map has, and whom its sources ask to be named
export function controls(map) {
  if (setup.credits?.length) {
    const named = line(setup.credits.join(" · "), "maplibregl-ctrl credits");
    map.addControl({ onAdd: () => named, onRemove: () => named.remove() }, "bottom-left");
  }
  map.addControl(new maplibregl.NavigationControl({ visualizePitch: true }), "top-right");
  map.addControl(new maplibregl.ScaleControl(), "bottom-right");
}

// an element that stands at a place: [longitude, latitude]
export function pin(map, at, element) {
  return new maplibregl.Marker({ element }).setLngLat(at).addTo(map);
}

// the row of the building that is touched
export function onTouch(map, told) {
  const drawn = DRAWN.map(([layer]) => layer);
  map.on("click", drawn, (event) => told(event.features[0].properties.i));
  for (const [name, cursor] of [["mouseenter", "pointer"], ["mouseleave", ""]]) {
    map.on(name, drawn, () => { map.getCanvas().style.cursor = cursor; });
  }
}

// show one building as chosen, and no other
export function choose(map, row) {
  const state = (id, on) => ["roofs", "buildings"].forEach((sourceLayer) => map.setFeatureState({ source: "city", sourceLayer, id }, { on }));
  if (map.chosen !== undefined) state(map.chosen, false);
  map.chosen = row;
  if (row !== undefined) state(row, true);
}
