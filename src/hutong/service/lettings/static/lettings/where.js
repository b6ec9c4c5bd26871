// Where a room is: its building marked on the twin's map of the quarter.
import { choose, controls, makeMap, setup } from "../twin/draw.js";

try {
  const map = makeMap("map", setup, { center: setup.at, zoom: 16.5, pitch: 45, bearing: -12 });
  controls(map);
  map.ready.then(() => {
    choose(map, setup.row);
    document.documentElement.dataset.map = "coloured";
  });
} catch (problem) {
  document.getElementById("nomap").hidden = false;
  throw problem;
}
