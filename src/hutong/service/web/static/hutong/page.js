// What every page does: menus and switches that need no server.

// what scrolls sideways can be reached and scrolled by keys
const reach = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
reach();
addEventListener("resize", reach);
document.addEventListener("htmx:afterSettle", reach);
document.addEventListener("toggle", reach, true);

// a button that prints the page; without scripts it is not there
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// a select that acts at once: <select data-go> goes to the address of its choice
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => { location.href = select.value; });
}

// an open menu closes when one turns elsewhere, and by Escape, which goes back to its name
for (const turn of ["click", "focusin"]) {
  document.addEventListener(turn, (event) => {
    for (const opened of document.querySelectorAll(".menu details[open], .fold[open]")) opened.open = opened.contains(event.target);
  });
}
document.querySelector(".bar")?.addEventListener("keydown", (event) => {
  const opened = event.key === "Escape" && event.target.closest("details[open]");
  if (!opened) return;
  opened.open = false;
  opened.querySelector("summary").focus();
});

// Ctrl+K (⌘K) goes to the search box, or to its page where the bar has no room for the box
document.addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  const box = [...document.querySelectorAll("main [type=search][name=q], .seek input")].find((one) => one.offsetParent);
  if (box) box.focus();
  else location.href = document.querySelector(".seek").action;
});

// nobody is signed in: the pages that a field worker took along on this phone are theirs alone
if (window.caches && document.querySelector(".you a[href*='/accounts/login']")) {
  for (const name of await caches.keys()) if (name.startsWith("hutong-surveys-")) await caches.delete(name);
}
