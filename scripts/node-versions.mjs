// Runs the unit tests and the demo with each supported Node.js; the npm package `node` brings the programs. Prints a line
// for each, and exits with 1 when one of them failed. Versions as arguments; default: 20 22 24
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const [...wanted] = process.argv.slice(2);
const versions = wanted.length > 0 ? wanted : ['20', '22', '24'];

const folder = mkdtempSync(path.join(tmpdir(), 'turingpi-nodes-'));
let failed = 0;
try {
  for (const version of versions) {
    const node = programOf(version);
    const name = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    const tests = [
      ...['node_modules/vitest/vitest.mjs', 'run', 'packages/'],
      ...['--project', 'units', '--project', 'whole'],
    ];
    const demo = ['packages/cli/bin/turingpi.js', 'demo', '--output', path.join(folder, `demo-${version}`)];
    const results = { 'unit tests': run(node, tests), demo: run(node, demo) };
    const wrong = Object.keys(results).filter((what) => results[what] !== 0);
    failed += wrong.length;
    console.log(
      `${name}: ${wrong.length === 0 ? 'unit tests and demo passed' : `${wrong.join(' and ')} failed`}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** Its binary lies in a package of its own for each platform, which is installed with it. */
function programOf(version) {
  const place = path.join(folder, version);
  const words = ['install', '--prefix', place, '--no-audit', '--no-fund', `node@${version}`];
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  return path.join(place, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** What is started by tests is started with the same Node.js. */
function run(node, words) {
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
  return spawnSync(node, words, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH } }).status;
}
