import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { SIDEBAR } from './sidebar.mjs';

const DOCS = path.resolve(import.meta.dirname, '..');
const REPOSITORY = 'https://github.com/turingpi-toolkit/turingpi/blob/main/';

/** The first heading of a page is its name, here as there. */
function titleOf(page) {
  const [, title] = /^# (.+)$/m.exec(readFileSync(path.join(DOCS, `${page}.md`), 'utf8')) ?? [];
  return title.replaceAll('`', '');
}

/** Where a page is on the site. */
const addressOf = (page) => `/${page.replace(/README$/, '').replace(/^index$/, '')}`;

export default defineConfig({
  title: 'turingpi',
  description: 'From stock OS images to configured, reachable Turing Pi 2 nodes',
  outDir: path.join(DOCS, '../site'),
  cacheDir: path.join(DOCS, '../node_modules/.cache/vitepress'),
  srcExclude: ['api/**'], // what the packages export, for those who review changes
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  head: [
    [
      'meta',
      { 'http-equiv': 'Content-Security-Policy', content: "default-src 'self' 'unsafe-inline' data:" },
    ],
  ],
  themeConfig: {
    search: { provider: 'local' },
    // TypeDoc makes these pages of the sources, when the site is built (scripts/sdk-reference.mjs).
    nav: [{ text: 'SDK', link: '/sdk/index.html', target: '_self' }],
    sidebar: SIDEBAR.map(({ text, pages }) => ({
      text,
      items: pages.map((page) => ({ text: titleOf(page), link: addressOf(page) })),
    })),
  },
  markdown: {
    config(md) {
      // Files of the repository that are no pages are looked at there.
      md.core.ruler.push('links-to-the-repository', ({ env, tokens }) => {
        const folder = path.dirname(env.relativePath ?? 'index.md');
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const target = token.attrGet('href');
          if (token.type !== 'link_open' || target === null || /^([a-z]+:|#|\/)/.test(target)) continue;
          const file = path.posix.normalize(path.posix.join('docs', folder, target));
          if (!file.startsWith('docs/')) token.attrSet('href', `${REPOSITORY}${file}`);
        }
      });
    },
  },
});
