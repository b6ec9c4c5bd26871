// What a phone keeps: one entry per object, under the name of the person and the object, until the server has it.
// {token, day, answers, state: "draft" | "queued"}; the token makes sending it twice the same as once.

export const setup = JSON.parse(document.querySelector("#setup").textContent);
const PREFIX = `hutong-survey:${setup.user}:`;

export const read = (task) => JSON.parse(localStorage.getItem(PREFIX + task) || "null");
export const write = (task, entry) => localStorage.setItem(PREFIX + task, JSON.stringify(entry));
export const forget = (task) => localStorage.removeItem(PREFIX + task);
export const kept = () =>
  Object.keys(localStorage).filter((k) => k.startsWith(PREFIX)).map((k) => [k.slice(PREFIX.length), JSON.parse(localStorage.getItem(k))]);

export function today() {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

export function token() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16)); // a page without TLS on a local network
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const cookie = (name) => (document.cookie.split("; ").find((c) => c.startsWith(`${name}=`)) || "").split("=")[1] || "";

// Send one entry; return "sent", "kept" (no network), "again" (signed out) or the server's refusal.
async function send(task, entry) {
  let answer;
  try {
    answer = await fetch(`${setup.scope}task/${task}/send`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
      body: JSON.stringify({ token: entry.token, day: entry.day, answers: entry.answers }),
    });
  } catch {
    return "kept";
  }
  if (answer.ok && !answer.redirected) {
    const now = read(task); // unless it was changed while it was on its way
    if (now && now.token === entry.token) forget(task);
    return "sent";
  }
  if (answer.status !== 400) return answer.status === 403 ? "again" : "kept";
  const refusal = await answer.json();
  write(task, { ...entry, state: "draft", token: token(), refusal });
  return refusal;
}

let running = null;
// Send all that waits, one after another; ``told(task, result)`` hears of each.
export function sendAll(told) {
  running = (running || Promise.resolve()).then(async () => {
    for (const [task, entry] of kept()) if (entry.state === "queued") told(task, await send(task, entry));
  });
  return running;
}

export async function takeAlong(told) {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(setup.worker, { scope: setup.scope });
  const ready = await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener("message", (event) => told(event.data));
  if (navigator.onLine) ready.active.postMessage({ user: setup.user, keep: setup.keep });
}
