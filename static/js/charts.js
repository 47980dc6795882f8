// How does the trend look?  The table beneath says the same; without this script, or without the library, it stands alone.
function colours() {
  const of = getComputedStyle(document.documentElement);
  const named = (name, otherwise) => of.getPropertyValue(name).trim() || otherwise;
  return [named('--ink-3', '#8a8f98'), named('--done', '#2f7d4f'), named('--accent', '#a5302a')];
}

function trend(data) {
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

// Bars lie, first row on top, as in the table: names of fields and units are long.
function bars(data) {
  return {
    color: [colours()[2]], animation: false, aria: { enabled: true }, grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: { type: 'value', minInterval: 1 },
    yAxis: { type: 'category', data: data.names, inverse: true, axisTick: { show: false } },
    series: [{ name: data.name, type: 'bar', data: data.values, barMaxWidth: 18, label: { show: true, position: 'right' } }],
  };
}

function draw(place) {
  const source = document.getElementById(place.dataset.chart);
  if (!source) return;
  const data = JSON.parse(source.textContent);
  place.hidden = false;
  if (data.shape === 'bars') place.style.height = `${28 * data.names.length + 24}px`;
  const chart = window.echarts.init(place, null, { renderer: 'canvas' });
  chart.setOption(data.shape === 'bars' ? bars(data) : trend(data));
  const fit = () => chart.resize();
  addEventListener('resize', fit);
  matchMedia('print').addEventListener('change', fit);
}

if (window.echarts) document.querySelectorAll('[data-chart]').forEach(draw);
