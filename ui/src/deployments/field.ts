/** A value as it stands in a field of the form; one that is missing leaves it empty. */
export function written(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/**
 * What a field says, for the server: an empty one is missing. What is no number where one is expected goes as it
 * was typed, so that the server says what is wrong with it.
 */
export function read(typed: string, isText: boolean): string | number | null {
  if (typed === '' || (!isText && typed.trim() === '')) return null;
  const number = Number(typed);
  return isText || !Number.isFinite(number) ? typed : number;
}
