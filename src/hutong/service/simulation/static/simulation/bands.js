// Bands over time: a median line and a band of 5 to 95 % for each setting, keyed above the charts; the table below each holds the same figures.
const data = JSON.parse(document.getElementById("bands-data").textContent);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const colours = ["--brick", "--vermilion", "--link", "--jade", "--watch", "--warn", "--ink"].map(css);
const dashes = ["solid", "dashed", "dotted"];
const charts = [];

function lines(one, k) {
  const [low, median, high] = one.band;
  const stack = `band${k}`;
  const hidden = { type: "line", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  const at = (values) => values.map((v, m) => [m / 12, v]);
  return [
    { ...hidden, stack, stackStrategy: "all", data: at(low) },
    { ...hidden, stack, stackStrategy: "all", data: at(high.map((v, m) => v - low[m])), areaStyle: { color: colours[k % colours.length], opacity: 0.16 } },
    { type: "line", name: one.name, symbol: "none", data: at(median), color: colours[k % colours.length], lineStyle: { width: 2, type: dashes[k % dashes.length] } },
  ];
}

for (const one of data.charts) {
  const box = document.getElementById(`band-${one.id}`);
  const chart = echarts.init(box, null, { renderer: "canvas" });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: css("--sans"), fontSize: size * 0.8125, color: css("--ink") },
    grid: { left: 8, right: 20, top: 12, bottom: 24, containLabel: true },
    xAxis: { type: "value", max: (v) => v.max, axisLabel: { color: css("--brick"), formatter: (v) => `${v}` }, splitLine: { show: false }, name: data.year, nameLocation: "end", nameGap: 4, nameTextStyle: { color: css("--brick"), align: "right", verticalAlign: "top", padding: [20, 0, 0, 0] } },
    yAxis: { type: "value", scale: true, axisLabel: { color: css("--brick") }, splitLine: { lineStyle: { color: css("--mortar") } } },
    series: one.lines.flatMap(lines),
  });
  charts.push(chart);
}
addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
