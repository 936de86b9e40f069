// Writes the bill of materials of what is published, in CycloneDX: our packages and all that is installed with them, with
// licences and digests. What only the development needs is not in it. FILE as the only argument.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node scripts/sbom.mjs FILE');

const command = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--workspaces'];
const sbom = JSON.parse(execFileSync('npm', command, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20 }));
// npm calls what is in this repository by its folders; the address of a package has its name.
for (const component of [sbom.metadata.component, ...sbom.components])
  component.name = decodeURIComponent(/^pkg:npm\/(.+)@[^@]*$/.exec(component.purl)[1]);
const listed = new Set(sbom.components.map(({ name }) => name));
const missing = readdirSync(path.join(ROOT, 'packages'))
  .map((name) => JSON.parse(readFileSync(path.join(ROOT, 'packages', name, 'package.json'), 'utf8')).name)
  .filter((name) => !listed.has(name));
if (missing.length > 0) throw new Error(`the bill of materials lacks ${missing.join(', ')}`);
writeFileSync(file, `${JSON.stringify(sbom, undefined, 2)}\n`);
console.log(`${file}: ${sbom.components.length} packages`);
