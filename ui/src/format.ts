/** Numbers and times as a person reads them. Four significant digits; times in UTC, the one clock of the server. */

/** A format costs far more to make than to use: one of each language and each kind is kept. */
const kept = new Map<string, WeakMap<object, Intl.NumberFormat | Intl.DateTimeFormat>>();

function numbers(lang: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return made(lang, options, () => new Intl.NumberFormat(lang, options));
}

function times(lang: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return made(lang, options, () => new Intl.DateTimeFormat(lang, { timeZone: 'UTC', ...options }));
}

function made<F extends Intl.NumberFormat | Intl.DateTimeFormat>(lang: string, options: object, make: () => F): F {
  let ofLanguage = kept.get(lang);
  if (!ofLanguage) kept.set(lang, (ofLanguage = new WeakMap()));
  let format = ofLanguage.get(options) as F | undefined;
  if (!format) ofLanguage.set(options, (format = make()));
  return format;
}

const SCIENTIFIC: Intl.NumberFormatOptions = { notation: 'scientific', maximumSignificantDigits: 4 };
const WHOLE: Intl.NumberFormatOptions = { maximumFractionDigits: 0 };
const FOUR: Intl.NumberFormatOptions = { maximumSignificantDigits: 4 };
const THREE: Intl.NumberFormatOptions = { maximumSignificantDigits: 3 };
const SIGNED: Intl.NumberFormatOptions = { minimumFractionDigits: 4, maximumFractionDigits: 4, signDisplay: 'exceptZero' };
const PERCENT: Intl.NumberFormatOptions = { style: 'percent', maximumFractionDigits: 1 };
const PERCENT_FINE: Intl.NumberFormatOptions = { style: 'percent', maximumFractionDigits: 2 };
const LIMIT: Intl.NumberFormatOptions = { minimumFractionDigits: 2, maximumFractionDigits: 4 };
const FIXED: Intl.NumberFormatOptions[] = [];
const DAY: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'short', day: 'numeric' };
const DAY_SHORT: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' };
const INSTANT_SHORT: Intl.DateTimeFormatOptions = { ...DAY_SHORT, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const INSTANT: Intl.DateTimeFormatOptions = { year: 'numeric', ...INSTANT_SHORT };

/** So many decimals, neither more nor less. */
function fixed(decimals: number): Intl.NumberFormatOptions {
  return (FIXED[decimals] ??= { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Whole numbers in full, others to four significant digits; from a million million on with a power of ten. */
export function formatNumber(value: number, lang: string): string {
  if (Math.abs(value) >= 1e12) return numbers(lang, SCIENTIFIC).format(value);
  return Number.isInteger(value) || Math.abs(value) >= 1000
    ? numbers(lang, WHOLE).format(value)
    : numbers(lang, FOUR).format(value);
}

/** A metric in a column: always four decimals, so that the digits stand under each other. */
export function formatMetric(value: number, lang: string): string {
  return numbers(lang, fixed(4)).format(value);
}

/** A difference of metrics, with its sign. */
export function formatDifference(value: number, lang: string): string {
  return numbers(lang, SIGNED).format(value);
}

export function formatShare(value: number, lang: string): string {
  return numbers(lang, value > 0.99 && value < 1 ? PERCENT_FINE : PERCENT).format(value);
}

/** A limit such as 0.70: two decimals at least, so that it reads as the files write it. */
export function formatLimit(value: number, lang: string): string {
  return Number.isInteger(value)
    ? formatNumber(value, lang)
    : numbers(lang, LIMIT).format(value);
}

/** The ticks of one axis, all with as many decimals as the finest needs. */
export function formatTicks(values: number[], lang: string): string[] {
  const decimals = Math.max(0, ...values.map((v) => String(+v.toPrecision(6)).split('.')[1]?.length ?? 0));
  const digits = Math.min(6, decimals);
  return values.map((v) => numbers(lang, fixed(digits)).format(v));
}

/**
 * Of a criterion's bound or measurement as text: a plain number is formatted, keeping decimals written on purpose
 * ("0.70"); anything with a unit stays as it was written.
 */
export function formatScalar(value: string, lang: string): string {
  const plain = /^-?\d+(?:\.(\d+))?$/.exec(value);
  if (!plain) return value;
  const decimals = plain[1]?.length ?? 0;
  return decimals > 0 && decimals <= 4
    ? numbers(lang, fixed(decimals)).format(Number(value))
    : formatNumber(Number(value), lang);
}

export function formatDay(iso: string, lang: string): string {
  return times(lang, DAY).format(new Date(iso));
}

export function formatDayShort(iso: string, lang: string): string {
  return times(lang, DAY_SHORT).format(new Date(iso));
}

export function formatInstant(iso: string, lang: string): string {
  return times(lang, INSTANT).format(new Date(iso));
}

export function formatInstantShort(iso: string, lang: string): string {
  return times(lang, INSTANT_SHORT).format(new Date(iso));
}

/**
 * A measurement on its own: four significant digits, a power of ten where plain digits would hide the value, and the
 * words for what is no number.
 */
export function formatValue(value: number, lang: string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12)) {
    return numbers(lang, SCIENTIFIC).format(value);
  }
  return formatNumber(value, lang);
}

/**
 * How many decimals a column shows so that its usual value has four significant digits; all its values show as many, so
 * that the digits stand under each other.
 */
export function decimalsFor(values: readonly number[]): number {
  const sizes = values.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs).sort((a, b) => a - b);
  if (sizes.length === 0 || values.every((v) => !Number.isFinite(v) || Number.isInteger(v))) return 0;
  const usual = sizes[sizes.length >> 1] ?? 1;
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(usual))));
}

/** A value in a column of so many decimals; one too small to be seen at them is written with a power of ten. */
export function formatAligned(value: number, decimals: number, lang: string): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 1e12 || (size !== 0 && size < 0.5 * 10 ** -decimals)) return formatValue(value, lang);
  return numbers(lang, fixed(decimals)).format(value);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A size in bytes, decimal units. */
export function formatBytes(bytes: number, lang: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${numbers(lang, THREE).format(value)} ${UNITS[unit]}`;
}

/** How long something took: the two largest units that matter. */
export function formatSpan(ms: number, lang: string): string {
  const n = (value: number, digits = 0) => numbers(lang, fixed(digits)).format(value);
  const [d, h, m, s] = lang === 'ko' ? ['일', '시간', '분', '초'] : [' d', ' h', ' min', ' s'];
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${n(Math.max(0, ms))} ms`;
  if (seconds < 60) return `${n(seconds, seconds < 10 ? 1 : 0)}${s}`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${m} ${String(whole % 60).padStart(2, '0')}${s}`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}${h} ${String(minutes % 60).padStart(2, '0')}${m}`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}${d} ${hours % 24}${h}`;
}
