// How does the trend look?  The table beneath says the same; without this script, or without the library, it stands alone.
const place = document.querySelector('[data-chart]');
const source = place && document.getElementById(place.dataset.chart);

function colours() {
  const of = getComputedStyle(document.documentElement);
  const named = (name, otherwise) => of.getPropertyValue(name).trim() || otherwise;
  return [named('--ink-3', '#8a8f98'), named('--done', '#2f7d4f'), named('--accent', '#a5302a')];
}

function options(data) {
  const bars = data.bars.map((one) => ({ name: one.name, type: 'bar', data: one.values, barMaxWidth: 18 }));
  const line = { name: data.line.name, type: 'line', yAxisIndex: 1, data: data.line.values, connectNulls: false, symbol: 'diamond', symbolSize: 7 };
  return {
    color: colours(), animation: false, aria: { enabled: true }, legend: { top: 0 }, grid: { left: 48, right: 48, top: 36, bottom: 28 },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: { type: 'category', data: data.months },
    yAxis: [{ type: 'value', name: '件', minInterval: 1 }, { type: 'value', name: '%', min: 0, max: 100, splitLine: { show: false } }],
    series: [...bars, line],
  };
}

if (place && source && window.echarts) {
  place.hidden = false;
  const chart = window.echarts.init(place, null, { renderer: 'canvas' });
  chart.setOption(options(JSON.parse(source.textContent)));
  addEventListener('resize', () => chart.resize());
}
