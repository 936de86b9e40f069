/**
 * Builds the documentation as a site in `site`, the reference of the SDK in it, and checks that it can be searched and fetches
 * nothing: `npm run docs:site`.
 */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeSdkReference } from './sdk-reference.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const SITE = path.join(ROOT, 'site');
/** What a page loads by itself: links that somebody follows are not among it. */
const LOADED =
  /<(?:script|img|iframe|source)\b[^>]*\bsrc="(?<src>[^"]*)"|<link\b[^>]*\bhref="(?<href>[^"]*)"|url\((?<url>[^)]*)\)/g;

run('node_modules/vitepress/bin/vitepress.js', 'build', 'docs');
await writeSdkReference(path.join(SITE, 'sdk')); // the folder was emptied before

const files = (await readdir(SITE, { recursive: true })).map((file) => file.split(path.sep).join('/'));
const problems = [];
for (const file of files.filter((name) => /\.(html|css)$/.test(name))) {
  const text = await readFile(path.join(SITE, file), 'utf8');
  for (const { groups } of text.matchAll(LOADED)) {
    const address = (groups.src ?? groups.href ?? groups.url ?? '').replace(/^["']|["']$/g, '');
    if (/^(?:https?:)?\/\//.test(address)) problems.push(`${file} loads ${address}`);
  }
}
if (!files.some((file) => file.includes('localSearchIndex'))) problems.push('there is no index to search');
for (const file of ['index.html', 'assets/search.js', 'functions/_turingpi_core.createTuringPi.html'])
  if (!files.includes(`sdk/${file}`)) problems.push(`the reference of the SDK has no ${file}`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exit(1);
process.stdout.write(`${files.filter((file) => file.endsWith('.html')).length} pages in ${SITE}\n`);

function run(program, ...words) {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, program), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
