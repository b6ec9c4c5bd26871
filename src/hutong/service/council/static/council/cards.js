// Keys 1, 2, 3 answer the card while it has the focus; without this the buttons do the same.
const keys = { 1: "1", 2: "-1", 3: "0" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !(event.key in keys)) return;
  if (!event.target.closest("#card") && event.target !== document.body) return;
  document.querySelector(`#card button[value="${keys[event.key]}"]:not([disabled])`)?.click();
});
