/** Numbers and times as a person reads them. Four significant digits; times in UTC, the one clock of the server. */

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(lang: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${lang}${JSON.stringify(options)}`;
  let format = cache.get(key) as Intl.NumberFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.NumberFormat(lang, options)));
  return format;
}

function times(lang: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `t${lang}${JSON.stringify(options)}`;
  let format = cache.get(key) as Intl.DateTimeFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.DateTimeFormat(lang, { timeZone: 'UTC', ...options })));
  return format;
}

/** Whole numbers in full, others to four significant digits; from a million million on with a power of ten. */
export function formatNumber(value: number, lang: string): string {
  if (Math.abs(value) >= 1e12) return numbers(lang, { notation: 'scientific', maximumSignificantDigits: 4 }).format(value);
  return Number.isInteger(value) || Math.abs(value) >= 1000
    ? numbers(lang, { maximumFractionDigits: 0 }).format(value)
    : numbers(lang, { maximumSignificantDigits: 4 }).format(value);
}

/** A metric in a column: always four decimals, so that the digits stand under each other. */
export function formatMetric(value: number, lang: string): string {
  return numbers(lang, { minimumFractionDigits: 4, maximumFractionDigits: 4 }).format(value);
}

/** A difference of metrics, with its sign. */
export function formatDifference(value: number, lang: string): string {
  return numbers(lang, {
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
    signDisplay: 'exceptZero',
  }).format(value);
}

export function formatShare(value: number, lang: string): string {
  return numbers(lang, { style: 'percent', maximumFractionDigits: value > 0.99 && value < 1 ? 2 : 1 }).format(value);
}

/** A limit such as 0.70: two decimals at least, so that it reads as the files write it. */
export function formatLimit(value: number, lang: string): string {
  return Number.isInteger(value)
    ? formatNumber(value, lang)
    : numbers(lang, { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(value);
}

/** The ticks of one axis, all with as many decimals as the finest needs. */
export function formatTicks(values: number[], lang: string): string[] {
  const decimals = Math.max(0, ...values.map((v) => String(+v.toPrecision(6)).split('.')[1]?.length ?? 0));
  const digits = Math.min(6, decimals);
  return values.map((v) => numbers(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v));
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
    ? numbers(lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(Number(value))
    : formatNumber(Number(value), lang);
}

export function formatDay(iso: string, lang: string): string {
  return times(lang, { year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(iso));
}

export function formatDayShort(iso: string, lang: string): string {
  return times(lang, { month: 'short', day: 'numeric' }).format(new Date(iso));
}

export function formatInstant(iso: string, lang: string): string {
  return times(lang, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

export function formatInstantShort(iso: string, lang: string): string {
  return times(lang, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    new Date(iso),
  );
}
