// Opens the console in Chromium, checks it and takes its picture in light and dark, wide and narrow, English and Korean.
//   node dev/look.mjs                      the built console with sample answers
//   node dev/look.mjs --url http://...     a running server (pictures and checks of what it shows)
//   options: --out DIR (target/look), --chromium PATH (/usr/bin/chromium), --only NAME, --pages (runs and models alone)
// Ends with 1 when the console logged an error, a request was refused by the security policy, the page is wider than
// its window, axe finds something serious, or something takes longer than it may.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { lookAtPages, measure } from './look-pages.mjs';
import { startMock } from './mock.mjs';

const option = (name, otherwise) => {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? otherwise : process.argv[i + 1];
};
const out = option('out', 'target/look');
const only = option('only', null);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
const WIDE = { width: 1360, height: 900 };
const NARROW = { width: 360, height: 780 };
const faults = [];

mkdirSync(out, { recursive: true });

function launch(env) {
  return chromium.launch({ executablePath: option('chromium', '/usr/bin/chromium'), args: FLAGS, env });
}

/** Opens the page, runs `steps`, checks it and takes its picture. */
async function look(browser, url, name, { size = WIDE, scheme = 'light', lang = 'en', steps, expected = [], ...context } = {}) {
  if (only && !name.includes(only)) return;
  const tab = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    locale: lang === 'ko' ? 'ko-KR' : 'en-US',
    reducedMotion: 'reduce',
    ...context,
  });
  const page = await tab.newPage();
  page.setDefaultTimeout(15_000);
  const fault = (text) => {
    if (!expected.some((e) => text.includes(e))) faults.push(`${name}: ${text}`);
  };
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && fault(`console ${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => fault(`page error: ${e.message}`));
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (e) => console.error(`refused by policy: ${e.violatedDirective} ${e.blockedURI}`)),
  );
  await page.goto(url);
  await page.waitForSelector('main :is(h1, .trouble)');
  await page.waitForFunction(() => !document.querySelector('.chart-host') || document.querySelector('.chart-host canvas'));
  if (steps) await Promise.resolve(steps(page, fault)).catch((e) => fault(`the steps end: ${e.message.split('\n').slice(0, 3).join(' ')}`));
  await page.waitForTimeout(150);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wider > 0) fault(`the page is ${wider}px wider than its window`);
  for (const found of await audit(page)) fault(found);
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
  await tab.close();
}

async function audit(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return result.violations
    .filter((v) => ['serious', 'critical', 'moderate'].includes(v.impact))
    .map((v) => `axe ${v.impact} ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}: ${v.nodes[0].failureSummary}`);
}

async function everyPage(browser, url, prefix) {
  for (const scheme of ['light', 'dark']) {
    for (const [width, size] of [['wide', WIDE], ['narrow', NARROW]]) {
      for (const lang of ['en', 'ko']) {
        await look(browser, url, `${prefix}-${scheme}-${width}-${lang}`, { scheme, size, lang });
      }
    }
  }
}

async function samples(browser) {
  const mock = await startMock();
  await everyPage(browser, mock.url, 'full');
  await look(browser, mock.url, 'full-medium', { size: { width: 900, height: 900 } });
  await look(browser, mock.url, 'full-large', { size: { width: 1920, height: 1080 }, scheme: 'dark' });
  await look(browser, mock.url, 'table', { steps: (page) => page.click('.auc .quiet') });
  await look(browser, mock.url, 'hover', {
    steps: async (page, fault) => {
      const before = await page.textContent('.legend-day');
      await page.hover('.u-over', { position: { x: 200, y: 100 } });
      if ((await page.textContent('.legend-day')) === before) fault('the legend does not follow the pointer');
    },
  });
  await look(browser, mock.url, 'switches', { steps: useSwitches });
  for (const scene of ['early', 'failing', 'none', 'empty', 'hostile']) {
    mock.show(scene);
    await look(browser, mock.url, scene, { scheme: scene === 'failing' ? 'dark' : 'light' });
    await look(browser, mock.url, `${scene}-narrow`, { size: NARROW });
  }
  mock.show('refused');
  await look(browser, mock.url, 'refused', { expected: ['503'] });
  mock.show('full');
  await look(browser, mock.url, 'lost', { expected: ['ERR_CONNECTION_REFUSED', 'ERR_INCOMPLETE'], steps: async (page, fault) => {
    await page.waitForSelector('.pulse-ok');
    await mock.close();
    await page.waitForSelector('.trouble', { timeout: 20_000 }).catch(() => fault('no word about the lost server'));
  } });
}

/** Theme and language by keyboard and pointer, and the events hasten the page. */
async function useSwitches(page, fault) {
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  if (theme !== 'dark') fault(`the theme is ${theme}`);
  await page.reload();
  await page.waitForSelector('h1');
  if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== 'dark') fault('the theme was forgotten');
  await page.click('.language');
  if ((await page.evaluate(() => document.documentElement.lang)) !== 'ko') fault('the language did not change');
  await page.waitForSelector('.pulse-ok');
  await page.keyboard.press('Tab');
}

const given = option('url', null);
const browser = await launch();
if (given) await everyPage(browser, given, 'server');
else {
  if (!process.argv.includes('--pages')) await samples(browser);
  const mock = await startMock();
  await lookAtPages(browser, mock, look);
  if (!only) {
    const { faults: slow, told } = await measure(browser, mock);
    faults.push(...slow);
    for (const line of told) console.log(line);
  }
  await mock.close();
}
await browser.close();

// Under a C locale the browser's language is no language tag; the page must live all the same.
if (!only) {
  const plain = await launch({ ...process.env, LANG: 'C', LC_ALL: 'POSIX', LANGUAGE: '' });
  const mock = given ? null : await startMock();
  await look(plain, given ?? mock.url, 'posix', { locale: undefined });
  await plain.close();
  await mock?.close();
}

for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults; the pictures are in ${out}`);
process.exit(faults.length > 0 ? 1 : 0);
