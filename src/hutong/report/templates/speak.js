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
  });
})();
