import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDay, formatDayShort, formatTicks } from '../format';
import type { MarkKind } from '../overview/types';
import { MARK_PATHS } from '../parts/icons';
import { LANE_OF, LANES, xRange, yRange, type Day, type Lane } from './prepare';

export interface PlotSettings {
  lang: string;
  threshold: number | null;
  lanes: Record<Lane, string>;
  /** Hears which day the pointer is on; null when it is on none. */
  onDay(index: number | null): void;
}

export interface Plot {
  update(days: Day[], threshold: number | null): void;
  destroy(): void;
}

const LANE_HEIGHT = 18;
const HEIGHT = 340;
const HEIGHT_NARROW = 280;

/** Draws the AUC by day into `host`, with lanes of marks above the curves. Colours come from the stylesheet. */
export function plot(host: HTMLElement, first: Day[], settings: PlotSettings): Plot {
  let days = first;
  let threshold = settings.threshold;
  const ink = readInk(host);
  const width = () => Math.max(240, host.clientWidth);
  const height = () => (width() < 560 ? HEIGHT_NARROW : HEIGHT);
  const font = (px: number) => `${px}px ${ink.font}`;

  const options: uPlot.Options = {
    width: width(),
    height: height(),
    padding: [LANES.length * LANE_HEIGHT + 14, 14, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 9, width: 2, stroke: (_u, i) => (i === 1 ? ink.served : ink.first), fill: () => ink.ground },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: { x: { time: true, range: () => xRange(days) }, y: { range: () => yRange(days, threshold) } },
    axes: [
      {
        stroke: ink.muted,
        font: font(12),
        space: 70,
        gap: 6,
        size: 34,
        grid: { show: false },
        ticks: { stroke: ink.grid, width: 1, size: 5 },
        values: (_u, splits) => splits.map((s, i) => dayLabel(s, i, settings.lang)),
      },
      {
        stroke: ink.muted,
        font: font(12),
        size: 62,
        space: 44,
        grid: { stroke: ink.grid, width: 1 },
        ticks: { show: false },
        values: (_u, splits) => formatTicks(splits, settings.lang),
      },
    ],
    series: [
      {},
      { stroke: ink.served, width: 2.5, points: { size: 5, fill: ink.served } },
      { stroke: ink.first, width: 1.5, dash: [5, 4], points: { size: 4, fill: ink.first } },
    ],
    bands: [{ series: [1, 2], fill: ink.gain }],
    hooks: {
      setCursor: [(u) => settings.onDay(u.cursor.idx ?? null)],
      draw: [
        (u) => {
          drawThreshold(u, threshold, ink);
          drawLanes(u, days, ink, settings.lanes, font);
        },
      ],
    },
  };

  const chart = new uPlot(options, toData(days), host);
  const observer = new ResizeObserver(() => {
    if (Math.abs(width() - chart.width) > 1) chart.setSize({ width: width(), height: height() });
  });
  observer.observe(host);
  return {
    update(next, limit) {
      days = next;
      threshold = limit;
      chart.setData(toData(days));
    },
    destroy() {
      observer.disconnect();
      chart.destroy();
    },
  };
}

function toData(days: Day[]): uPlot.AlignedData {
  return [days.map((d) => d.x), days.map((d) => d.served), days.map((d) => d.first)];
}

function dayLabel(seconds: number, i: number, lang: string): string {
  const iso = new Date(seconds * 1000).toISOString();
  return i === 0 ? formatDay(iso, lang) : formatDayShort(iso, lang);
}

interface Ink {
  font: string;
  ground: string;
  text: string;
  muted: string;
  grid: string;
  served: string;
  first: string;
  gain: string;
  threshold: string;
  marks: Record<MarkKind, string>;
}

/** A canvas knows no custom properties: each colour is asked of an element that wears it. */
function readInk(host: HTMLElement): Ink {
  const probe = document.createElement('span');
  host.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const ink: Ink = {
    font: getComputedStyle(host).fontFamily,
    ground: colour('ground'),
    text: colour('ink'),
    muted: colour('muted'),
    grid: colour('line'),
    served: colour('served'),
    first: colour('first'),
    gain: colour('gain'),
    threshold: colour('threshold'),
    marks: {
      drift: colour('warning'),
      retrain: colour('running'),
      promotion: colour('ok'),
      rejection: colour('muted'),
      rollback: colour('failed'),
    },
  };
  probe.remove();
  return ink;
}

function drawThreshold(u: uPlot, threshold: number | null, ink: Ink) {
  if (threshold === null) return;
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const y = Math.round(u.valToPos(threshold, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = ink.threshold;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  ctx.restore();
}

function drawLanes(u: uPlot, days: Day[], ink: Ink, names: Record<Lane, string>, font: (px: number) => string) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const right = bbox.left + bbox.width;
  const laneY = (lane: Lane) => (LANES.indexOf(lane) + 0.5) * LANE_HEIGHT * ratio + 2 * ratio;
  ctx.save();
  ctx.lineWidth = ratio;
  ctx.setLineDash([]);
  ctx.font = scaled(font, 11, ratio);
  ctx.textBaseline = 'middle';
  for (const lane of LANES) {
    ctx.strokeStyle = ink.grid;
    line(ctx, bbox.left, laneY(lane), right, laneY(lane));
    ctx.fillStyle = ink.muted;
    ctx.textAlign = 'right';
    ctx.fillText(names[lane], bbox.left - 8 * ratio, laneY(lane));
  }
  const marks = days
    .flatMap((d) => d.marks)
    .map((mark) => ({ ...mark, x: u.valToPos(Date.parse(mark.at) / 1000, 'x', true) }))
    .filter(({ x }) => x >= bbox.left && x <= right)
    .sort((a, b) => a.x - b.x);
  const releases = marks.filter((mark) => LANE_OF[mark.kind] === 'release');
  for (const { x, ...mark } of marks) {
    const y = laneY(LANE_OF[mark.kind]);
    ctx.strokeStyle = ctx.fillStyle = ink.marks[mark.kind];
    if (mark.kind === 'promotion' || mark.kind === 'rollback') {
      ctx.globalAlpha = 0.45;
      line(ctx, x, y, x, bbox.top + bbox.height);
      ctx.globalAlpha = 1;
    }
    glyph(ctx, mark.kind, x, y, ratio, ink.ground);
    if (mark.version && LANE_OF[mark.kind] === 'release') {
      const from = x + 9 * ratio;
      const room = (releases.find((next) => next.x > x)?.x ?? right + 9 * ratio) - 9 * ratio;
      if (from + ctx.measureText(mark.version).width <= room) {
        ctx.fillStyle = ink.text;
        ctx.textAlign = 'left';
        ctx.fillText(mark.version, from, y);
      }
    }
  }
  ctx.restore();
}

function glyph(ctx: CanvasRenderingContext2D, kind: MarkKind, x: number, y: number, ratio: number, ground: string) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(ratio, ratio);
  const path = new Path2D(MARK_PATHS[kind]);
  ctx.lineWidth = 1.8;
  if (kind === 'retrain') {
    ctx.fillStyle = ground;
    ctx.fill(path);
    ctx.stroke(path);
  } else if (kind === 'rejection') {
    ctx.stroke(path);
  } else {
    ctx.fill(path);
  }
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

function scaled(font: (px: number) => string, px: number, ratio: number): string {
  return font(Math.round(px * ratio));
}
