"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const data = JSON.parse(find("details").textContent);
  const panel = find("detail");
  const stage = find("map");
  const svg = stage.querySelector("svg");
  const tags = { i: ["推", "imputed"], a: ["设", "assumed"] };
  let chosen = -1;
  let pinned = false;

  const write = (into, pair, name) => {
    const words = pair.length === 1 ? [[pair[0], ""]] : [[pair[0], "zh"], [pair[1], "en"]];
    for (const [word, lang] of words) {
      const span = document.createElement("span");
      span.textContent = word;
      span.className = [lang, name].filter(Boolean).join(" ");
      if (lang) span.lang = lang === "zh" ? "zh-CN" : "en";
      into.append(span);
    }
    return into;
  };
  const outline = (k) => find("b" + k);
  const show = (k) => {
    if (k === chosen || k < 0 || k >= data.rows.length) return;
    if (chosen >= 0) outline(chosen).classList.remove("on");
    chosen = k;
    const row = data.rows[k];
    const marks = row[row.length - 1];
    outline(k).classList.add("on");
    const title = write(document.createElement("h3"), data.texts[row[0]]);
    const list = document.createElement("dl");
    data.labels.forEach((label, j) => {
      const cell = row[j + 1];
      const dd = document.createElement("dd");
      const tag = tags[marks[j]];
      (Array.isArray(cell) ? cell : [cell]).forEach((text, n) => {
        if (n) dd.append(document.createElement("br"));
        write(dd, data.texts[text], tag ? "guess" : "");
      });
      if (tag) {
        const mark = document.createElement("span");
        mark.className = "tag " + (marks[j] === "i" ? "imputed" : "assumed");
        dd.append(write(mark, tag));
      }
      list.append(write(document.createElement("dt"), label), dd);
    });
    panel.replaceChildren(title, list);
  };
  const under = (event) => {
    const path = event.target.closest("path.b");
    return path ? Number(path.id.slice(1)) : -1;
  };
  stage.addEventListener("pointerover", (event) => { if (!pinned) show(under(event)); });
  stage.addEventListener("click", (event) => { const k = under(event); pinned = k >= 0; show(k); });

  const whole = svg.viewBox.baseVal;
  const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
  let box = { ...full };
  const apply = () => {
    box.x = Math.min(Math.max(box.x, full.x), full.x + full.w - box.w);
    box.y = Math.min(Math.max(box.y, full.y), full.y + full.h - box.h);
    svg.setAttribute("viewBox", [box.x, box.y, box.w, box.h].map((v) => v.toFixed(1)).join(" "));
    stage.classList.toggle("zoomed", box.w < full.w);
  };
  const zoom = (factor) => {
    const w = Math.min(full.w, Math.max(full.w / 12, box.w / factor));
    const h = (w * full.h) / full.w;
    let cx = box.x + box.w / 2;
    let cy = box.y + box.h / 2;
    if (chosen >= 0 && factor > 1) { const b = outline(chosen).getBBox(); cx = b.x + b.width / 2; cy = b.y + b.height / 2; }
    box = { x: cx - w / 2, y: cy - h / 2, w, h };
    apply();
  };
  find("zoom-in").addEventListener("click", () => zoom(1.6));
  find("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  find("zoom-all").addEventListener("click", () => { box = { ...full }; apply(); });
  let drag = null;
  stage.addEventListener("pointerdown", (event) => { if (box.w < full.w) drag = { x: event.clientX, y: event.clientY }; });
  addEventListener("pointerup", () => { drag = null; });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const unit = box.w / svg.clientWidth;
    box.x -= (event.clientX - drag.x) * unit;
    box.y -= (event.clientY - drag.y) * unit;
    drag = { x: event.clientX, y: event.clientY };
    apply();
  });

  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const centre = (k) => { const b = outline(k).getBBox(); return [b.x + b.width / 2, b.y + b.height / 2]; };
  stage.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") return zoom(1.6);
    if (event.key === "-") return zoom(1 / 1.6);
    const step = steps[event.key];
    if (!step || !data.rows.length) return undefined;
    event.preventDefault();
    pinned = true;
    if (chosen < 0) return show(0);
    const [x, y] = centre(chosen);
    let best = -1;
    let least = Infinity;
    for (let k = 0; k < data.rows.length; k += 1) {
      const [a, b] = centre(k);
      const along = (a - x) * step[0] + (b - y) * step[1];
      const across = Math.abs((a - x) * step[1]) + Math.abs((b - y) * step[0]);
      const cost = along + 2 * across;
      if (k !== chosen && along > 0.5 && cost < least) { least = cost; best = k; }
    }
    return show(best);
  });

  document.querySelectorAll("[data-show]").forEach((button) => button.addEventListener("click", () => {
    document.querySelectorAll(".hit").forEach((path) => path.classList.remove("hit"));
    button.dataset.show.split(" ").forEach((k) => outline(k).classList.add("hit"));
    find("layer-3").checked = true;
    box = { ...full };
    apply();
    stage.scrollIntoView({ block: "center" });
    stage.focus({ preventScroll: true });
  }));

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
})();
