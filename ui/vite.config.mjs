import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

/** The licences of what is bundled travel with it. */
function licences() {
  const bundled = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];
  return {
    name: 'licences',
    generateBundle() {
      const source = bundled
        .map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8').trim()}\n`)
        .join(`\n${'-'.repeat(72)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'third-party.txt', source });
    },
  };
}

/** What a page loads first, and what each page adds to it, stays small. */
function budget(first, route) {
  return {
    name: 'budget',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const size = (chunk) => gzipSync(chunk.code).length / 1000;
      const needed = (chunk, seen = new Set()) => {
        if (!chunk || seen.has(chunk)) return seen;
        seen.add(chunk);
        for (const name of chunk.imports) needed(bundle[name], seen);
        return seen;
      };
      const sum = (set) => [...set].reduce((total, chunk) => total + size(chunk), 0);
      const entry = needed(chunks.find((chunk) => chunk.isEntry));
      const check = (name, kilobytes, limit) => {
        if (kilobytes > limit) this.error(`${name}: ${kilobytes.toFixed(1)} kB of script (gzip) are over the budget of ${limit} kB`);
      };
      check('the first load', sum(entry), first);
      for (const chunk of chunks.filter((each) => each.isDynamicEntry)) {
        const more = new Set([...needed(chunk)].filter((each) => !entry.has(each)));
        check(chunk.name, sum(more), route);
        if (chunk.facadeModuleId?.endsWith('/page.tsx')) check(`${chunk.name}, first load`, sum(entry) + sum(more), first);
      }
    },
  };
}

export default defineConfig({
  plugins: [licences(), budget(80, 40)],
  build: {
    outDir: 'target/classes/web',
    emptyOutDir: true,
    // The first browsers with light-dark(): spring 2024.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': process.env['ORRERY_URL'] ?? 'http://127.0.0.1:8080' } },
  test: { include: ['test/**/*.test.ts', 'test/**/*.test.tsx'], environment: 'node' },
});
