// Serves the built console with the server's security headers and sample answers, for development and screenshots.
//   node dev/mock.mjs [--port 8081] [--scene full|early|failing|none|empty|hostile|refused]
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fake, makeStore } from './fake.mjs';
import { scenes } from './scenes.mjs';

const WEB = fileURLToPath(new URL('../target/classes/web', import.meta.url));

export const CSP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Starts the mock; resolves to its address, `show(scene)` and `close()`. */
export function startMock({ port = 0, scene = 'full', runs = 10_000 } = {}) {
  let shown = scene;
  let store = makeStore({ count: runs });
  const none = { ...makeStore({ count: 1 }), runs: [] };
  none.registry.models.length = 0;
  const streams = new Set();
  const server = createServer(async (request, response) => {
    response.setHeader('content-security-policy', CSP);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    const path = new URL(request.url, 'http://mock').pathname;
    if (path === '/ajax-api/2.0/mlflow/model-versions/search') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"model_versions":[{"name":"late-arrival","version":"5"}]}');
      return;
    }
    if (path === '/api/v1/overview') return overview(response, shown);
    if (path === '/api/v1/events') return events(response, streams);
    if (await fake(shown === 'empty' ? none : store, request, response)) return undefined;
    return file(path, response);
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        show(next) {
          shown = next;
          for (const stream of streams) stream.write('event: overview\ndata: {}\n\n');
        },
        renew() {
          store = makeStore({ count: runs });
        },
        close() {
          server.closeAllConnections();
          return new Promise((done) => server.close(done));
        },
      }),
    );
  });
}

function overview(response, scene) {
  const json = { 'content-type': 'application/json' };
  if (scene === 'refused') {
    response.writeHead(503, { 'content-type': 'application/problem+json' });
    return response.end(JSON.stringify({ title: 'The store is full', detail: 'Free some space on the disk; reading goes on.' }));
  }
  response.writeHead(200, json);
  return response.end(JSON.stringify(scenes[scene] ?? {}));
}

function events(response, streams) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': open\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

function file(path, response) {
  const page = path === '/' || /^\/(runs|models|compare|nowhere)(\/|$)/.test(path);
  const found = join(WEB, normalize(page ? '/index.html' : path));
  if (!found.startsWith(WEB) || !existsSync(found) || !statSync(found).isFile()) {
    response.writeHead(404, { 'content-type': 'text/plain' });
    return response.end('Not found. Is the console built (npm run build)?');
  }
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' });
  return createReadStream(found).pipe(response);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const option = (name, otherwise) => {
    const i = process.argv.indexOf(`--${name}`);
    return i < 0 ? otherwise : process.argv[i + 1];
  };
  const mock = await startMock({ port: Number(option('port', '8081')), scene: option('scene', 'full') });
  console.log(`The console with the scene "${option('scene', 'full')}" at ${mock.url}`);
}
