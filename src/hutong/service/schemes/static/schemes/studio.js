// The studio's map: colours follow the draft, and a touched building opens its choices beside the map.
import { choose, colour, controls, line, makeMap, onTouch, setup, tell } from "../twin/draw.js";

const panel = document.getElementById("panel");
const legend = document.getElementById("legend");
const failed = setup.lang === "zh" ? "没有取到，请再试一次。" : "It could not be fetched; try again.";
let map = null;
let turn = 0;

async function recolour() {
  const mine = turn += 1; // a later change overtakes an earlier one that is still being fetched
  document.documentElement.dataset.map = "busy";
  const answer = await fetch(setup.layer);
  if (mine !== turn) return;
  if (!answer.ok) { legend.replaceChildren(line(failed, "error")); return; }
  const data = await answer.json();
  if (mine !== turn) return;
  tell(data);
  if (map) await colour(map, data);
  document.documentElement.dataset.map = "coloured";
}

// what is beside the map is what is marked on it
function mark() {
  const row = Number.parseInt(panel.querySelector("[data-row]")?.dataset.row ?? "", 10);
  if (map && row >= 0) choose(map, row);
}

document.body.addEventListener("recolour", recolour);
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== panel) return;
  mark();
  if (event.detail.requestConfig.verb === "get") document.getElementById("panel-title")?.focus();
});

try {
  map = makeMap("map", setup);
  controls(map);
  map.ready.then(() => {
    onTouch(map, (row) => htmx.ajax("GET", setup.row + row, { target: "#panel", swap: "innerHTML" }));
    mark();
  });
} catch (problem) {
  document.getElementById("nomap").hidden = false;
}
recolour();
