// Publishes all packages to a registry on loopback, installs what was published into empty folders, and uses it: the
// command, and a new plugin of each kind in its two commands. What is not ours comes from the registry that npm is
// configured with. The registry is verdaccio, which needs Node 22: the npm package `node` brings it.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = path.resolve(import.meta.dirname, '..');
const START_MS = 120_000;
const folder = mkdtempSync(path.join(tmpdir(), 'turingpi-release-'));
const port = await freePort();
const registry = `http://127.0.0.1:${port}/`;
const npmrc = path.join(folder, 'npmrc');
writeFileSync(npmrc, `@turingpi:registry=${registry}\n//127.0.0.1:${port}/:_authToken=rehearsal\n`);
const env = { ...process.env, NPM_CONFIG_USERCONFIG: npmrc, NX_DAEMON: 'false' };

const server = await startRegistry();
try {
  publishAll();
  run('npm', ['install', '@turingpi/cli'], emptyProject('user'));
  run('npx', ['turingpi', '--version'], path.join(folder, 'user'));
  run('npx', ['turingpi', 'demo', '--output', 'demo'], path.join(folder, 'user'));
  for (const kind of ['os', 'board', 'strategy', 'action']) {
    run('npx', ['turingpi', 'plugin', 'new', kind, 'demo'], path.join(folder, 'user'));
    const plugin = path.join(folder, 'user', `turingpi-${kind}-demo`);
    run('npm', ['install'], plugin);
    run('npm', ['test'], plugin);
  }
  console.log('the release works as it is published');
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** Each as lerna would: packed from its folder, with the scripts of its package.json. */
function publishAll() {
  for (const name of readdirSync(path.join(ROOT, 'packages')).sort())
    run('npm', ['publish', '--registry', registry, '--loglevel', 'error'], path.join(ROOT, 'packages', name));
}

async function startRegistry() {
  const tools = path.join(folder, 'tools');
  mkdirSync(tools);
  // It asks for node-fetch by a tag, which a mirror of the registry need not have.
  const wanted = {
    dependencies: { verdaccio: '^6.10.4', node: '22' },
    overrides: { 'node-fetch': '^2.7.0' },
  };
  writeFileSync(path.join(tools, 'package.json'), JSON.stringify(wanted));
  run('npm', ['install', '--no-audit', '--no-fund'], tools);
  const config = path.join(folder, 'verdaccio.yaml');
  writeFileSync(
    config,
    [
      `storage: ${path.join(folder, 'storage')}`,
      "packages: { '@turingpi/*': { access: $all, publish: $anonymous } }",
      'max_body_size: 100mb',
      'log: { type: stdout, format: pretty, level: error }',
      '',
    ].join('\n'),
  );
  const started = spawn(
    path.join(tools, 'node_modules/node/bin/node'),
    [path.join(tools, 'node_modules/verdaccio/bin/verdaccio'), '-c', config, '-l', `127.0.0.1:${port}`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const limit = Date.now() + START_MS;
  while (!(await answers()))
    if (started.exitCode !== null || Date.now() > limit) throw new Error('the registry does not start');
    else await sleep(250);
  return started;
}

async function answers() {
  const reply = await fetch(`${registry}-/ping`).catch(() => undefined);
  return reply?.ok === true;
}

function emptyProject(name) {
  const project = path.join(folder, name);
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "private": true }\n');
  return project;
}

function run(program, words, cwd) {
  console.log(`$ ${program} ${words.join(' ')}`);
  execFileSync(program, words, { cwd, env, stdio: 'inherit' });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const found = probe.address().port;
      probe.close(() => resolve(found));
    });
  });
}
