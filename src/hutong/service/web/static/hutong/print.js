// A page for paper: its one button opens the browser's own print dialogue, which also saves as PDF.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
