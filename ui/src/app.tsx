import { useEffect } from 'preact/hooks';
import { formatInstant } from './format';
import { language, otherLanguage, t } from './i18n';
import { onKeys } from './keys';
import { Brand, UiIcon } from './parts/icons';
import { Lazy } from './parts/lazy';
import { Toasts } from './parts/toast';
import { Trouble } from './parts/trouble';
import { go, place, routeOf, type Route } from './router';
import { chooseLanguage, chooseTheme, link, overlay, overview, said, theme, type Theme } from './state';

const pages = {
  overview: () => import('./overview/page'),
  runs: () => import('./runs/page'),
  run: () => import('./run/page'),
  compare: () => import('./compare/page'),
  models: () => import('./models/page'),
  model: () => import('./models/model'),
  deployments: () => import('./deployments/page'),
};
const palette = () => import('./shell/palette');
const help = () => import('./shell/help');

/** Pages that use the whole width of the window. */
const WIDE: readonly Route['page'][] = ['runs', 'compare'];

export function App() {
  const route = routeOf(place.value.path);
  useEffect(
    () =>
      onKeys({
        'mod+k': () => (overlay.value = overlay.value === 'palette' ? null : 'palette'),
        '?': () => (overlay.value = 'help'),
        'g o': () => go('/'),
        'g r': () => go('/runs'),
        'g m': () => go('/models'),
        'g d': () => go('/deployments'),
      }),
    [],
  );
  return (
    <div class={`frame frame-${route.page} ${WIDE.includes(route.page) ? 'wide' : ''}`}>
      <a class="skip" href="#content">
        {t('app.skip')}
      </a>
      <Top page={route.page} />
      <main id="content" tabIndex={-1}>
        {route.page !== 'overview' && <Trouble known />}
        {route.page === 'missing' ? <Missing /> : <Lazy key={route.page} load={pages[route.page]} />}
      </main>
      <Toasts />
      {overlay.value === 'palette' && <Lazy load={palette} />}
      {overlay.value === 'help' && <Lazy load={help} />}
      <p class="hidden" role="status">
        {said.value}
      </p>
    </div>
  );
}

function Missing() {
  return (
    <div class="alone">
      <h1>{t('app.missing.title')}</h1>
      <p class="sentence">{t('app.missing.text', { path: place.value.path })}</p>
      <p>
        <a href="/">{t('app.overview')}</a>
      </p>
    </div>
  );
}

function Top({ page }: { page: Route['page'] }) {
  const now = overview.value;
  const links: { href: string; word: string; here: boolean }[] = [
    { href: '/', word: t('app.overview'), here: page === 'overview' },
    { href: '/runs', word: t('app.runs'), here: page === 'runs' || page === 'run' || page === 'compare' },
    { href: '/models', word: t('app.models'), here: page === 'models' || page === 'model' },
    { href: '/deployments', word: t('app.deployments'), here: page === 'deployments' },
  ];
  return (
    <header class="top">
      <a class="brand" href="/">
        <Brand />
        <span>Orrery</span>
      </a>
      <nav class="nav" aria-label={t('app.nav')}>
        {links.map((each) => (
          <a key={each.href} href={each.href} aria-current={each.here ? 'page' : undefined}>
            {each.word}
          </a>
        ))}
      </nav>
      {now?.project && page === 'overview' && (
        <dl class="where">
          <div>
            <dt>{t('app.project')}</dt>
            <dd>{now.project}</dd>
          </div>
          {now.endpoint && (
            <div>
              <dt>{t('app.endpoint')}</dt>
              <dd>{now.endpoint}</dd>
            </div>
          )}
        </dl>
      )}
      <div class="top-end">
        {page === 'overview' && <Clock />}
        <Pulse />
        <button type="button" class="quiet search-button" aria-label={t('app.search.label')} onClick={() => (overlay.value = 'palette')}>
          <UiIcon name="search" />
          <span>{t('app.search')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <ThemeSwitch />
        <button
          type="button"
          class="quiet language"
          lang={otherLanguage.value}
          onClick={() => chooseLanguage(otherLanguage.value)}
        >
          {t('app.language')}
        </button>
      </div>
    </header>
  );
}

function Clock() {
  const clock = overview.value?.clock;
  if (!clock?.now) return null;
  return (
    <p class="clock">
      <span class="clock-name">{clock.virtual ? t('app.clock.virtual') : t('app.clock.real')}</span>
      <time dateTime={clock.now}>{formatInstant(clock.now, language.value)} UTC</time>
    </p>
  );
}

function Pulse() {
  const { status, streaming } = link.value;
  const word =
    status === 'ok'
      ? streaming
        ? t('link.streaming')
        : t('link.polling')
      : status === 'connecting'
        ? t('link.connecting')
        : status === 'lost'
          ? t('link.lost')
          : t('link.refused');
  return <p class={`pulse pulse-${status}`}>{word}</p>;
}

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function ThemeSwitch() {
  const words: Record<Theme, string> = {
    auto: t('app.theme.auto'),
    light: t('app.theme.light'),
    dark: t('app.theme.dark'),
  };
  return (
    <fieldset class="themes">
      <legend class="hidden">{t('app.theme')}</legend>
      {THEMES.map((each) => (
        <label key={each} title={words[each]}>
          <input
            type="radio"
            name="theme"
            class="hidden"
            checked={theme.value === each}
            onChange={() => chooseTheme(each)}
          />
          <span class="theme-face">
            <UiIcon name={each === 'auto' ? 'auto' : each === 'light' ? 'sun' : 'moon'} />
          </span>
          <span class="hidden">{words[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
