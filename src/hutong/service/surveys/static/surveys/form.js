// The form of one object: what is filled in is kept on the phone at once, and sent when there is a network.
import { read, sendAll, setup, takeAlong, today, token, write } from "./offline.js";

const form = document.querySelector("#survey-form");
const status = document.querySelector("#field-status");

function answers() {
  const out = {};
  for (const [name, value] of new FormData(form)) if (name !== "csrfmiddlewaretoken" && value !== "") out[name] = value;
  return out;
}
function say(state) {
  status.textContent = state ? setup.words[state] : "";
  document.documentElement.dataset.field = state || "";
}
function faults(rows) {
  for (const place of form.querySelectorAll("[data-error]")) {
    const row = rows.find((r) => r.startsWith(`${place.dataset.error}:`));
    place.textContent = row ? row.slice(place.dataset.error.length + 1).trim() : "";
    place.hidden = !row;
  }
}
function told(task, result) {
  if (task !== setup.task) return;
  if (result === "sent") { faults([]); say("sent"); }
  else if (result === "kept") say("queued");
  else if (result === "again") say("again");
  else { faults(result.rows || []); status.textContent = `${setup.words.wrong}。${result.what || ""}`; }
}

const before = read(setup.task);
if (before) {
  for (const [name, value] of Object.entries(before.answers)) {
    for (const field of form.querySelectorAll(`[name="${name}"]`)) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  }
  say(before.state);
}
form.addEventListener("input", () => {
  write(setup.task, { token: token(), day: today(), answers: answers(), state: "draft" });
  say("draft");
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const last = read(setup.task);
  const entry = { token: last ? last.token : token(), day: today(), answers: answers(), state: "queued" };
  write(setup.task, entry);
  say("queued");
  sendAll(told);
});
addEventListener("online", () => sendAll(told));
sendAll(told);
takeAlong(() => {});
