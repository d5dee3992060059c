/** Reading answers without trusting their shape: a field that is missing or of another type becomes null. */

export type Json = Record<string, unknown>;

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list<T>(value: unknown, read: (o: Json) => T | null): T[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => read(object(item))).filter((item): item is T => item !== null);
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A name or an id, which some answers give as a number. */
export function name(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : text(value);
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string' && v !== '') : [];
}

export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A metric: also not a number or infinite, as JSON cannot say it but in words. */
export function measure(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return NaN;
  if (value === 'Infinity' || value === 'inf') return Infinity;
  if (value === '-Infinity' || value === '-inf') return -Infinity;
  return null;
}

export function instant(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return new Date(value).toISOString();
  const given = text(value);
  return given !== null && !Number.isNaN(Date.parse(given)) ? given : null;
}

/** A map of texts; numbers and truths are written out. */
export function textMap(value: unknown): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [key, each] of Object.entries(object(value))) {
    if (typeof each === 'string') read[key] = each;
    else if (typeof each === 'number' || typeof each === 'boolean') read[key] = String(each);
  }
  return read;
}

export function measureMap(value: unknown): Record<string, number> {
  const read: Record<string, number> = {};
  for (const [key, each] of Object.entries(object(value))) {
    const given = measure(each);
    if (given !== null) read[key] = given;
  }
  return read;
}
