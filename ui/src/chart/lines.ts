import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatInstantShort, formatSpan, formatTicks, formatValue } from '../format';
import { aligned, type Axis, type Track } from './series';

/** Lines over steps or time, drawn by uPlot. */

export interface Line {
  /** A name of a colour among the custom properties: `s0`. */
  colour: string;
  track: Track;
  /** Dimmed: it is there, and not what is looked at. */
  dim?: boolean;
}

export interface LinesSettings {
  lang: string;
  axis: Axis;
  logX: boolean;
  logY: boolean;
  height: number;
  /** Charts of one name share their cursor. */
  sync?: string;
  /** Hears where the pointer is along x; null when it is nowhere. */
  onPlace?(x: number | null): void;
  /** Hears of a part to look closer at; null: all of it. */
  onZoom?(range: [number, number] | null): void;
}

export interface Lines {
  update(lines: readonly Line[]): void;
  destroy(): void;
}

export function lines(host: HTMLElement, first: readonly Line[], settings: LinesSettings): Lines {
  const ink = readInk(host);
  const width = () => Math.max(200, host.clientWidth);
  let shown: readonly Line[] = first;
  let chart = make();
  const observer = new ResizeObserver(() => {
    if (Math.abs(width() - chart.width) > 1) chart.setSize({ width: width(), height: settings.height });
  });
  observer.observe(host);

  function make(): uPlot {
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    const faint = (colour: string, alpha: number) => withAlpha(ink.colour(colour), alpha);
    for (const line of shown) {
      const colour = ink.colour(line.colour);
      const alpha = line.dim ? 0.18 : 1;
      if (line.track.min && line.track.max) {
        const at = series.length;
        // A peak is narrower than a pixel: the band alone would not show it, its edges do.
        const edge: uPlot.Series = { stroke: faint(line.colour, 0.5 * alpha), width: 1, points: { show: false }, spanGaps: true };
        series.push({ ...edge }, { ...edge });
        bands.push({ series: [at, at + 1], fill: faint(line.colour, 0.22 * alpha) });
      }
      if (line.track.raw) series.push({ stroke: faint(line.colour, 0.28 * alpha), width: 1, points: { show: false }, spanGaps: true });
      const single = line.track.x.length < 2;
      series.push({
        stroke: alpha < 1 ? faint(line.colour, alpha) : colour,
        width: line.track.min ? 1.25 : 1.75,
        spanGaps: true,
        points: { show: single || line.track.x.length <= 40, size: single ? 7 : 4, fill: colour },
      });
    }
    const font = (px: number) => `${px}px ${ink.font}`;
    const options: uPlot.Options = {
      width: width(),
      height: settings.height,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      ...(settings.axis === 'time' ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: true },
        points: { show: shown.length <= 12, size: 6 },
        ...(settings.sync ? { sync: { key: settings.sync, scales: ['x', null] } } : {}),
      },
      scales: {
        x: { time: settings.axis === 'time', distr: settings.logX ? 3 : 1 },
        y: { distr: settings.logY ? 3 : 1, range: settings.logY ? undefined : yRange } as uPlot.Scale,
      },
      axes: [
        {
          stroke: ink.muted,
          font: font(11),
          space: 60,
          gap: 4,
          size: 26,
          grid: { show: false },
          ticks: { stroke: ink.grid, width: 1, size: 4 },
          values: (_u, splits) => splits.map((s) => (s === null ? '' : xLabel(s, settings))),
        },
        {
          stroke: ink.muted,
          font: font(11),
          size: 58,
          space: 32,
          grid: { stroke: ink.grid, width: 1 },
          ticks: { show: false },
          values: (_u, splits) => (settings.logY ? splits.map((s) => (s === null ? '' : formatValue(s, settings.lang))) : tickTexts(splits, settings.lang)),
        },
      ],
      series,
      bands,
      hooks: {
        setCursor: [(u) => settings.onPlace?.(u.cursor.left == null || u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, 'x'))],
        setSelect: [
          (u) => {
            if (u.select.width > 2) settings.onZoom?.([u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')]);
          },
        ],
      },
    };
    return new uPlot(options, dataOf(shown), host);
  }

  const leave = () => settings.onPlace?.(null);
  const whole = () => settings.onZoom?.(null);
  host.addEventListener('mouseleave', leave);
  host.addEventListener('dblclick', whole);
  const shape = (of: readonly Line[]) => of.map((l) => `${l.colour}${l.dim ? 'd' : ''}${l.track.min ? 'b' : ''}${l.track.raw ? 'r' : ''}${l.track.x.length <= 40 ? 'p' : ''}`).join();
  return {
    update(next) {
      const same = shape(next) === shape(shown);
      shown = next;
      if (same) chart.setData(dataOf(next));
      else {
        chart.destroy();
        chart = make();
      }
    },
    destroy() {
      observer.disconnect();
      host.removeEventListener('mouseleave', leave);
      host.removeEventListener('dblclick', whole);
      chart.destroy();
    },
  };
}

/** A little air above and below, also around a line that never moves. */
function yRange(_u: uPlot, least: number, most: number): uPlot.Range.MinMax {
  if (least == null || most == null) return [0, 1];
  if (least === most) {
    const air = Math.abs(least) * 0.1 || 1;
    return [least - air, most + air];
  }
  const air = (most - least) * 0.06;
  return [least >= 0 && least - air < 0 ? 0 : least - air, most + air];
}

function dataOf(shown: readonly Line[]): uPlot.AlignedData {
  return aligned(
    shown.map(({ track: t }) => ({
      x: t.x,
      rows: [...(t.min && t.max ? [t.max, t.min] : []), ...(t.raw ? [t.raw] : []), t.y],
    })),
  ) as uPlot.AlignedData;
}

function tickTexts(splits: number[], lang: string): string[] {
  const most = Math.max(...splits.map(Math.abs));
  return most >= 1e6 || (most > 0 && most < 1e-4) ? splits.map((s) => formatValue(s, lang)) : formatTicks(splits, lang);
}

function xLabel(x: number, { axis, lang }: LinesSettings): string {
  if (axis === 'time') return formatInstantShort(new Date(x * 1000).toISOString(), lang);
  if (axis === 'elapsed') return formatSpan(x * 1000, lang);
  return Math.abs(x) >= 1e5 ? new Intl.NumberFormat(lang, { notation: 'compact' }).format(x) : formatValue(x, lang);
}

interface Ink {
  font: string;
  muted: string;
  grid: string;
  colour(name: string): string;
}

/** A canvas knows no custom properties: each colour is asked of an element that wears it. */
function readInk(host: HTMLElement): Ink {
  const known = new Map<string, string>();
  const colour = (name: string) => {
    let found = known.get(name);
    if (!found) {
      const probe = document.createElement('span');
      host.append(probe);
      probe.style.color = `var(--${name})`;
      found = getComputedStyle(probe).color;
      probe.remove();
      known.set(name, found);
    }
    return found;
  };
  return { font: getComputedStyle(host).fontFamily, muted: colour('muted'), grid: colour('row-line'), colour };
}

function withAlpha(colour: string, alpha: number): string {
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
  return parts ? `rgba(${parts[1]}, ${parts[2]}, ${parts[3]}, ${alpha})` : colour;
}
