// The one map of a simulation: what is chosen above it is drawn at once, and stays in the address.
import { colour, controls, line, makeMap, setup, tell } from "../twin/draw.js";

const form = document.getElementById("foreseen");
const legend = document.getElementById("legend");
const table = document.getElementById("as-table");
const zh = setup.lang === "zh";
const words = zh
  ? { failed: "没有取到，请再试一次。", none: "那一年没有留存上下限，请看最后一年。" }
  : { failed: "It could not be fetched; try again.", none: "The ends of the band were not kept for that year; choose the last." };
let map = null;
let turn = 0;

async function show() {
  const mine = turn += 1; // a later choice overtakes an earlier one that is still being fetched
  const chosen = Object.fromEntries(new FormData(form));
  form.elements.end.disabled = chosen.what === "renewed"; // its chance is over all runs
  const key = [chosen.what, chosen.setting, chosen.year, ...(chosen.what === "renewed" ? [] : [chosen.end])].join("-");
  table.hidden = !setup.tables[key];
  table.href = `${setup.table}?layer=${setup.tables[key] ?? ""}`;
  if (!setup.layers[key]) {
    legend.replaceChildren(line(words.none));
    if (map) await colour(map, null);
    return;
  }
  document.documentElement.dataset.map = "busy";
  const answer = await fetch(setup.layers[key]);
  if (mine !== turn) return;
  if (!answer.ok) { legend.replaceChildren(line(words.failed, "error")); return; }
  const data = await answer.json();
  if (mine !== turn) return;
  tell(data);
  if (map) await colour(map, data);
  document.documentElement.dataset.map = "coloured";
}

try {
  map = makeMap("map", setup);
  controls(map);
} catch (problem) {
  document.getElementById("nomap").hidden = false;
}
form.querySelector("button").hidden = true;
form.addEventListener("change", () => {
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}`);
  show();
});
show();
