// What every page does: menus and switches that need no server.

// a select that acts at once: <select data-go> goes to the address of its choice
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => { location.href = select.value; });
}
