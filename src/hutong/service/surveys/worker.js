// Keeps the field pages of one person on the phone: the network first, and without it what was kept. What is sent
// (POST) never passes through here: the pages keep it themselves until it has arrived.
const PREFIX = "hutong-surveys-";
const FIELD = /\/surveys\/(mine|task\/\d+)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// {user, keep}: keep these addresses for this person, and nothing of anybody else's
self.addEventListener("message", (event) => event.waitUntil(keep(event.data, event.source)));

async function keep({ user, keep: addresses }, page) {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== PREFIX + user) await caches.delete(name);
  }
  const cache = await caches.open(PREFIX + user);
  let missing = 0;
  for (const address of addresses) {
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.ok && !answer.redirected) await cache.put(address, answer);
    else if (!(await cache.match(address))) missing += 1;
  }
  if (page) page.postMessage({ kept: addresses.length - missing, missing });
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === location.origin && (FIELD.test(url.pathname) || url.pathname.startsWith("/static/"));
  if (event.request.method === "GET" && ours) event.respondWith(networkFirst(event.request));
});

async function networkFirst(request) {
  try {
    return await fetch(request);
  } catch (lost) {
    const kept = await caches.match(request, { ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw lost;
  }
}
