// Draws every element of class `plot` with uPlot; the table beside it tells the same without scripts.
"use strict";

(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const strokes = ["--link", "--bad", "--good", "--violet", "--warn"];

  function draw(element) {
    const told = JSON.parse(element.dataset.plot);
    element.replaceChildren();
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const plot = new uPlot({
      width: Math.max(240, element.clientWidth), height: 190, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "UTC"),
      scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } }, axes: [axis, { ...axis, size: 44 }],
      series: [{ value: (_, seconds) => seconds == null ? "" : new Date(seconds * 1e3).toISOString().slice(0, 10) },
        ...told.series.map((one, number) => ({
          label: one.label, value: (_, shown) => shown == null ? "" : String(shown), stroke: colour(strokes[number % strokes.length]), width: 2, spanGaps: true,
          points: { show: true, size: 6 }, dash: number % 2 ? [6, 4] : [] }))],
    }, [told.x, ...told.series.map((one) => one.values)], element);
    return plot;
  }

  function drawAll() {
    for (const element of document.querySelectorAll(".plot")) draw(element);
  }

  addEventListener("DOMContentLoaded", () => {
    drawAll();
    let later;
    addEventListener("resize", () => { clearTimeout(later); later = setTimeout(drawAll, 150); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  });
})();
