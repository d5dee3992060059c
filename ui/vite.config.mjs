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

/** What the Overview loads, chart and all, stays small. */
function budget(kilobytes) {
  return {
    name: 'budget',
    generateBundle(_options, bundle) {
      const scripts = Object.values(bundle).filter((file) => file.type === 'chunk');
      const size = scripts.reduce((sum, file) => sum + gzipSync(file.code).length, 0) / 1000;
      if (size > kilobytes) this.error(`${size.toFixed(1)} kB of script (gzip) are over the budget of ${kilobytes} kB`);
    },
  };
}

export default defineConfig({
  plugins: [licences(), budget(80)],
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
