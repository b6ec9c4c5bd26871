// Bars of an indicator by place, with its standard; the table below holds the same figures.
const data = JSON.parse(document.getElementById("chart-data").textContent);
const box = document.getElementById("chart");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const fill = { good: css("--status-0"), watch: css("--status-1"), warn: css("--status-2"), alarm: css("--status-3"), unknown: css("--none-fill") };
const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
box.style.height = `${Math.max(6, data.places.length * 2.25 + 3)}rem`;
const chart = echarts.init(box, null, { renderer: "canvas" });
chart.setOption({
  animation: false,
  textStyle: { fontFamily: css("--sans"), fontSize: size * 0.875, color: css("--ink") },
  grid: { left: 8, right: 72, top: 24, bottom: 8, containLabel: true },
  xAxis: { type: "value", min: 0, max: data.unit === "%" ? 100 : undefined, axisLabel: { color: css("--brick"), formatter: (v) => `${v}${data.unit}` }, splitLine: { lineStyle: { color: css("--mortar") } } },
  yAxis: { type: "category", inverse: true, data: data.places, axisLabel: { color: css("--ink") }, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--line") } } },
  series: [{
    type: "bar",
    barMaxWidth: 20,
    data: data.values.map((value, k) => ({ value, itemStyle: { color: fill[data.statuses[k]] } })),
    label: { show: true, position: "right", color: css("--ink"), formatter: (p) => `${Number(p.value.toPrecision(3))}${data.unit}` },
    markLine: data.standard === null ? undefined : { symbol: "none", lineStyle: { color: css("--ink"), type: "dashed" }, label: { color: css("--ink"), formatter: data.standard_label, position: "start" }, data: [{ xAxis: data.standard }] },
  }],
});
addEventListener("resize", () => chart.resize());
