/**
 * A browser under a C or POSIX locale reports a language such as `en-US@posix`, which Intl refuses - and uPlot hands
 * `navigator.language` to Intl while it loads, so that the whole page would die. Import this before anything else.
 */
export function soundLanguage(tag: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(tag ?? '')[0] ?? 'en-US';
  } catch {
    const base = /^[a-zA-Z]{2,3}(-[a-zA-Z]{2})?(?=[@._]|$)/.exec(tag ?? '')?.[0];
    return base ?? 'en-US';
  }
}

if (typeof navigator !== 'undefined') {
  const sound = soundLanguage(navigator.language);
  if (sound !== navigator.language) {
    Object.defineProperty(navigator, 'language', { get: () => sound, configurable: true });
  }
}
