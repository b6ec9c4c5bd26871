// What every page does: menus and switches that need no server.

// a select that acts at once: <select data-go> goes to the address of its choice
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => { location.href = select.value; });
}

// nobody is signed in: the pages that a field worker took along on this phone are theirs alone
if (window.caches && document.querySelector(".you a[href*='/accounts/login']")) {
  for (const name of await caches.keys()) if (name.startsWith("hutong-surveys-")) await caches.delete(name);
}
