// Lines over time, drawn by uPlot in the page's colours. Lines differ by their dashes too, and the
// figures under the cursor are told as text; the arrow keys move it.
import { element } from './dom.js';

const KEY_STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 };
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const BY_DAY = [1, 2, 3, 7, 14, 28, 91, 182, 364, 1820].map((days) => days * DAY_S);
const BY_HOUR = [1, 3, 6, 12].map((hours) => hours * HOUR_S).concat(BY_DAY);
const LABEL_FONT = '12px system-ui, sans-serif';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function axis(values, size) {
  return {
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { show: false },
    font: LABEL_FONT,
    size,
    values,
  };
}

function dayLabel(seconds, isHourly) {
  const text = new Date(seconds * 1000).toISOString();
  return isHourly ? text.slice(5, 16).replace('T', ' ') : text.slice(0, 10);
}

function timeLabel(seconds) {
  const at = new Date(seconds * 1000);
  return seconds % DAY_S === 0
    ? at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
    : at.toISOString().slice(11, 16);
}

function timeAxis(isHourly) {
  return { ...axis((_, ticks) => ticks.map(timeLabel), 28), incrs: isHourly ? BY_HOUR : BY_DAY };
}

function options(chart, width) {
  const { lines, amount, height, most } = chart;
  return {
    width,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, points: { size: 8 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => range(low, high, most) } },
    axes: [timeAxis(chart.isHourly), axis((_, ticks) => ticks.map(amount), 68)],
    series: [{}, ...lines.map((line) => ({
      label: line.name,
      stroke: () => colour(line.colour),
      width: line.width ?? 2,
      dash: line.dash,
      fill: line.fill ? () => colour(line.fill) : undefined,
      points: { show: chart.times.length < 2 },
    }))],
    hooks: { setCursor: [(plot) => tell(chart, plot.cursor.idx)] },
  };
}

function range(low, high, most) {
  if (most !== undefined) return [0, most];
  const top = Math.max(high ?? 0, 0);
  const bottom = Math.min(low ?? 0, 0);
  return top === bottom ? [0, 1] : [bottom * 1.05, top * 1.05];
}

function tell(chart, index) {
  const at = index ?? chart.times.length - 1;
  if (at < 0) return;
  const figures = chart.lines.map((line) => `${line.name} ${line.texts[at]}`);
  const told = `${dayLabel(chart.times[at], chart.isHourly)}: ${figures.join(', ')}`;
  if (chart.readout.textContent !== told) chart.readout.textContent = told;
}

function moveByKeys(chart, event) {
  const last = chart.times.length - 1;
  const from = chart.plot.cursor.idx ?? last;
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? last
    : event.key in KEY_STEPS ? from + KEY_STEPS[event.key] : null;
  if (to === null) return;
  event.preventDefault();
  const index = Math.max(0, Math.min(last, to));
  const left = chart.plot.valToPos(chart.times[index], 'x');
  chart.plot.setCursor({ left, top: 0 });
}

/**
 * A chart in `place`. `describe` says in one sentence what the whole of it shows; `amount` labels
 * the axis; `most`: the axis ends there.
 */
export function makeChart(place, { height, amount, most }) {
  const drawing = element('div', { class: 'drawing', tabindex: '0', role: 'img' });
  const readout = element('p', { class: 'readout', 'aria-live': 'off' });
  place.replaceChildren(drawing, readout);
  const chart = { height, amount, most, readout, plot: null, times: [], lines: [] };
  // New figures that come in are told to nobody who is not at the chart.
  drawing.addEventListener('focus', () => readout.setAttribute('aria-live', 'polite'));
  drawing.addEventListener('blur', () => readout.setAttribute('aria-live', 'off'));
  drawing.addEventListener('keydown', (event) => chart.plot && moveByKeys(chart, event));

  const draw = () => {
    chart.plot?.destroy();
    chart.plot = null;
    if (typeof uPlot === 'undefined' || chart.times.length === 0) return;
    const data = [chart.times, ...chart.lines.map((line) => line.values)];
    chart.plot = new uPlot(options(chart, drawing.clientWidth), data, drawing);
  };
  new ResizeObserver(() => {
    const width = drawing.clientWidth;
    if (chart.plot && chart.plot.width !== width) chart.plot.setSize({ width, height });
  }).observe(drawing);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    chart.plot?.redraw(false, true);
  });

  /** `lines`: [{ name, colour, dash, values (to draw), texts }], one entry for each time. */
  return ({ times, lines, isHourly, describe }) => {
    Object.assign(chart, { times, lines, isHourly });
    drawing.setAttribute('aria-label', describe);
    draw();
    tell(chart, null);
  };
}
