import { formatInstant } from './format';
import { language, otherLanguage, t } from './i18n';
import { Page } from './overview/page';
import { Brand, UiIcon } from './parts/icons';
import { chooseLanguage, chooseTheme, link, overview, said, theme, type Theme } from './state';

export function App() {
  return (
    <>
      <a class="skip" href="#content">
        {t('app.skip')}
      </a>
      <Top />
      <Page />
      <p class="hidden" role="status">
        {said.value}
      </p>
    </>
  );
}

function Top() {
  const now = overview.value;
  return (
    <header class="top">
      <a class="brand" href="/" aria-current="page">
        <Brand />
        <span>Orrery</span>
        <span class="hidden">, {t('app.overview')}</span>
      </a>
      {now?.project && (
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
        <Clock />
        <Pulse />
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
