import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a page says around a figure: `<!-- figure board.modelled_rk1_minutes -->3.1<!-- /figure -->`. */
export const FIGURE = /<!-- figure (?<name>\w+)\.(?<key>\w+) -->[^<]*<!-- \/figure -->/g;

/** A page with the figures that benchmarks have measured: from ten on whole, below with one decimal. */
export function filledFigures(page, text, results) {
  return text.replaceAll(FIGURE, (_all, name, key) => {
    const value = results[name]?.figures[key];
    if (value === undefined) throw new Error(`${page}: bench/results/${name}.json has no "${key}"`);
    const shown = String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
    return `<!-- figure ${name}.${key} -->${shown}<!-- /figure -->`;
  });
}

/** What `npm run bench -- NAME --save` has kept, by name. */
export async function savedResults(root) {
  const folder = path.join(root, 'bench/results');
  const read = async (file) => [
    path.basename(file, '.json'),
    JSON.parse(await readFile(path.join(folder, file), 'utf8')),
  ];
  return Object.fromEntries(await Promise.all((await readdir(folder)).map(read)));
}

/** The pages that people read: their paths in the repository. */
export async function pagesIn(root) {
  const docs = await readdir(path.join(root, 'docs'), { recursive: true });
  const packages = await readdir(path.join(root, 'packages'));
  return [
    'README.md',
    ...docs
      .map((file) => `docs/${file.split(path.sep).join('/')}`)
      .filter((file) => /^docs\/(?!api\/|\.).*\.md$/.test(file))
      .sort(),
    ...packages.map((name) => `packages/${name}/README.md`).sort(),
  ];
}
