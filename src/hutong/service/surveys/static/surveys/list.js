// The list of what is to be surveyed: takes the forms along, says of each what this phone keeps, and sends it.
import { kept, sendAll, setup, takeAlong } from "./offline.js";

const status = document.querySelector("#field-status");

function mark() {
  for (const place of document.querySelectorAll("[data-task]")) {
    const entry = Object.fromEntries(kept())[place.dataset.task];
    place.textContent = entry ? setup.words[entry.state] : "";
  }
}
function told(task, result) {
  const place = document.querySelector(`[data-task="${task}"]`);
  mark();
  if (place && result === "sent") place.textContent = setup.words.sent;
  if (place && result === "again") place.textContent = setup.words.again;
}
mark();
sendAll(told);
addEventListener("online", () => { status.textContent = ""; sendAll(told); });
addEventListener("offline", () => { status.textContent = setup.words.offline; });
takeAlong(({ missing }) => {
  if (!missing) { status.textContent = setup.words.ready; document.documentElement.dataset.field = "ready"; }
});
