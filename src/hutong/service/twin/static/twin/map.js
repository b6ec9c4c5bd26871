// The map of a snapshot, its switch of layers, and a second snapshot behind a divide.
import { choose, colour, controls, line, makeMap, onTouch, setup, tell } from "./draw.js";

const select = document.getElementById("layer");
const against = document.getElementById("against");
const legend = document.getElementById("legend");
const panel = document.getElementById("panel");
const failed = setup.lang === "zh" ? "没有取到，请再试一次。" : "It could not be fetched; try again.";

const kept = new Map();
async function fetched(url) {
  if (!url) return null;
  if (!kept.has(url)) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${url}`);
    kept.set(url, await answer.json());
  }
  return kept.get(url);
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
  controls(map);
  let other = null;

  function open(row) {
    choose(map, row);
    history.replaceState(null, "", `#${row}`);
    openDossier(row);
  }

  let turn = 0;
  async function recolour() {
    const mine = turn += 1; // a later choice overtakes an earlier one that is still being fetched
    document.documentElement.dataset.map = "busy";
    const asked = new URLSearchParams({ layer: select.value, ...(against?.value ? { against: against.value } : {}) });
    document.getElementById("as-table").href = `${setup.table}?${asked}`;
    try {
      const [data, then] = await Promise.all([fetched(setup.layers[select.value]), other ? fetched(other.source.layers[select.value]) : null]);
      if (mine !== turn) return;
      tell(data, then, Boolean(other));
      await colour(map, data);
      if (other) await colour(other, then);
    } catch (problem) {
      if (mine === turn) legend.replaceChildren(line(failed, "error"));
      throw problem;
    }
    if (mine !== turn) return;
    document.documentElement.dataset.map = "coloured";
    map.once("idle", () => { document.documentElement.dataset.drawn = mine; });
  }

  map.ready.then(() => {
    onTouch(map, open);
    const row = Number.parseInt(location.hash.slice(1), 10);
    if (row >= 0) open(row);
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
    // wherever the divide is, whom the sources of both ask to be named is read in full
    document.getElementById("credits").textContent = [...new Set([...setup.credits, ...source.credits])].join(" · ");
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
