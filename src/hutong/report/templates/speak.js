"use strict";
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  const speak = (lang) => { root.lang = lang; };
  const fromHash = () => { if (location.hash === "#en") speak("en"); if (location.hash === "#zh") speak("zh-CN"); };
  fromHash();
  addEventListener("hashchange", fromHash);
  find("lang").addEventListener("click", () => speak(root.lang === "en" ? "zh-CN" : "en"));
  find("size").addEventListener("click", (event) => {
    const large = root.dataset.size !== "large";
    root.dataset.size = large ? "large" : "";
    event.currentTarget.setAttribute("aria-pressed", String(large));
    reach();
  });
  // what scrolls sideways can be reached and scrolled by keys
  const reach = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reach();
  addEventListener("resize", reach);
})();
