// What Maven calls: `node dev/make.mjs install|build|test`. Each step runs npm only when what it reads has changed
// since it last succeeded, so that a build of the server does not wait for a console that is up to date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const SETUP = ['package.json', 'package-lock.json', '.npmrc'];
const BUILD = [...SETUP, 'index.html', 'public', 'src', 'tsconfig.json', 'vite.config.mjs', 'test'];
const STEPS = {
  install: { inputs: SETUP, npm: ['ci'], stamp: 'node_modules/.orrery-stamp', needs: 'node_modules/vite' },
  build: { inputs: BUILD, npm: ['run', 'build'], stamp: 'target/build.stamp', needs: 'target/classes/web/index.html' },
  test: { inputs: [...BUILD, 'dev'], npm: ['test'], stamp: 'target/test.stamp', needs: 'package.json' },
};

const step = STEPS[process.argv[2]];
if (!step) throw new Error(`Unknown step ${process.argv[2]}; there are ${Object.keys(STEPS).join(', ')}.`);

const digest = digestOf(step.inputs);
if (existsSync(step.needs) && existsSync(step.stamp) && readFileSync(step.stamp, 'utf8') === digest) {
  console.log(`The console is up to date (${process.argv[2]}).`);
  process.exit(0);
}
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old for the console; it needs 20.19 or newer.`);
rmSync(step.stamp, { force: true });
const ran = spawnSync('npm', step.npm, { stdio: 'inherit', shell: process.platform === 'win32' });
if (ran.error) fail(`npm does not start (${ran.error.message}).`);
if (ran.status !== 0) fail(`npm ${step.npm.join(' ')} failed.`);
mkdirSync('target', { recursive: true });
writeFileSync(step.stamp, digest);

function fail(words) {
  console.error(`${words} Build the server without its console with -DskipUi.`);
  process.exit(1);
}

function digestOf(paths) {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const path of paths.flatMap(filesOf)) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).sort().flatMap((name) => filesOf(join(path, name)));
}
