// Makes the templates of `turingpi plugin new --js` from those in TypeScript, in packages/cli/dist/templates: types are taken
// away, and nothing else. Part of `npm run build`, and of publishing.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import tsBlankSpace from 'ts-blank-space';

const CLI = path.resolve(import.meta.dirname, '../packages/cli');
const FROM = path.join(CLI, 'templates/plugin');
const TO = path.join(CLI, 'dist/templates/plugin');

rmSync(TO, { recursive: true, force: true });
const options = await prettier.resolveConfig(path.join(FROM, 'index.js'));
for (const kind of readdirSync(FROM).filter((name) => name !== 'any')) {
  const sources = path.join(FROM, kind, 'src');
  const folder = path.join(TO, kind, 'src');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(sources)) {
    const untyped = tsBlankSpace(
      withoutTypesOfTheirOwn(readFileSync(path.join(sources, name), 'utf8')),
      (node) => {
        throw new Error(`${kind}/src/${name}: types alone can be taken away, not ${node.getText()}`);
      },
    );
    if (/^\s*(?:await )?using /m.test(untyped))
      throw new Error(
        `${kind}/src/${name}: Node.js 20 and 22 run no \`using\` that no compiler has translated`,
      );
    const code = await prettier.format(joinedImports(untyped), { ...options, parser: 'babel' });
    writeFileSync(path.join(folder, name.replace(/\.ts$/, '.js')), code);
  }
}

/** What is written about a type means nothing without it. */
function withoutTypesOfTheirOwn(source) {
  return source.replaceAll(/\/\*\*(?:(?!\*\/)[^])*\*\/\n(?=(?:export )?(?:interface|type) )/g, '');
}

/** Where an import of types was, there is no gap. */
function joinedImports(source) {
  return source.replaceAll(/;\n\s+(?=import )/g, ';\n').replace(/^\s+/, '');
}
