import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';

/** A folder with a configuration, in which plugins are installed. */
let cwd: string;
let installed: string[];
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-commands-'));
  installed = [];
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const configure = (...lines: readonly string[]) =>
  writeFile(
    path.join(cwd, 'turingpi.yaml'),
    ['ip: 192.0.2.90', 'node1: { ip: 192.0.2.101, board: rk1 }', 'cacheDir: cache', ...lines].join('\n'),
  );

/** Installs a plugin in plain JavaScript. */
async function install(name: string, body: string): Promise<void> {
  const place = path.join(cwd, 'node_modules', name);
  await mkdir(place, { recursive: true });
  const turingpi = { plugin: './index.js', kind: 'command', api: 1 };
  const manifest = { name, version: '1.0.0', type: 'module', turingpi };
  await writeFile(path.join(place, 'package.json'), JSON.stringify(manifest));
  const brand = "apiVersion: 1, [Symbol.for('@turingpi/core:plugin')]: true";
  const module = body.startsWith('throw') ? body : `export default { name: '${name}', ${brand}, ${body} };`;
  await writeFile(path.join(place, 'index.js'), module);
  const dependencies = Object.fromEntries([...installed, name].map((one) => [one, '*']));
  installed.push(name);
  await writeFile(path.join(cwd, 'package.json'), JSON.stringify({ dependencies }));
}

/** A command that does this. */
const command = (id: string, run: string, more = '') =>
  `commands: [{ id: '${id}', summary: 'of a plugin', examples: ['turingpi ${id}'], ${more} async run(context) { ${run} } }]`;
/** A command that says who it is of, and exits with 7. */
const says = (name: string, id: string) => command(id, `context.stdout.write('${name}'); return 7;`);

async function turingpi(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCli(['node', 'turingpi', ...words], { environment: {}, stdout, stderr, cwd });
  stdout.end();
  stderr.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('a command of a plugin', () => {
  it('returns its exit code, and 0 when it returns none', async () => {
    await install('greeting', says('greeting', 'greet'));
    await install('silent', command('silent', ''));
    expect(await turingpi('greet')).toMatchObject({ exitCode: 7, stdout: 'greeting' });
    expect(await turingpi('silent')).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('gets the values of its options as it wants them', async () => {
    const options =
      "options: [{ flags: '-s, --dry-run', summary: 's' }, { flags: '--size <n>', summary: 's', default: 1, parse: Number }],";
    await install('tape', command('tape', 'context.stdout.write(JSON.stringify(context.options))', options));
    expect(JSON.parse((await turingpi('tape')).stdout)).toEqual({ size: 1 });
    const given = await turingpi('tape', '--size', '4', '-s', '-c', 'lab.yaml');
    expect(JSON.parse(given.stdout)).toEqual({ size: 4, dryRun: true, config: 'lab.yaml' });
  });

  it('opens one cluster, which is closed with it, and so is what its plugins have started', async () => {
    const told = path.join(cwd, 'told');
    const start = `start: () => ({ [Symbol.asyncDispose]: async () => (await import('node:fs')).appendFileSync('${told}', 'ended') }),`;
    const run =
      "const [a, b] = [await context.openCluster(), await context.openCluster()]; if (a !== b) return 1; throw new Error('tired')";
    await install('living', `${start} ${command('live', run)}`);
    await configure();
    expect(await turingpi('live')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('tired') as string,
    });
    expect(await readFile(told, 'utf8')).toBe('ended');
  });

  it('is stopped by its signal, and exits as all do then', async () => {
    const wait =
      "await new Promise((resolve) => { context.signal.addEventListener('abort', resolve); process.emit('SIGINT', 'SIGINT'); });";
    await install('waiting', command('wait', wait));
    expect(await turingpi('wait')).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('stopping') as string,
    });
  });

  it('of two with the same name runs when the configuration says which', async () => {
    await install('one', says('one', 'greet'));
    await install('two', says('two', 'greet'));
    await configure();
    const both = await turingpi('greet');
    expect(both).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('PLUGIN_DUPLICATE_ID') as string,
    });
    await configure('replace: { commands: { greet: two } }');
    expect(await turingpi('greet')).toMatchObject({ exitCode: 7, stdout: 'two' });
  });

  it('that is not there is told with what keeps plugins from being used', async () => {
    await install('greeting', says('greeting', 'greet'));
    await install('shelf', 'throw new Error("no shelf today");');
    const { exitCode, stderr } = await turingpi('shelf');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/unknown command 'shelf'[\s\S]*no shelf today/);
    await configure('ip: [');
    expect((await turingpi('greet')).exitCode).toBe(7); // what is installed is found all the same
    expect((await turingpi('gret')).stderr).toContain('CONFIG_UNREADABLE');
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'named %s is there no more than any other that nobody brings',
    async (name) => {
      await configure('replace: { commands: { greet: two } }');
      const { exitCode, stderr } = await turingpi(name);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`unknown command '${name}'`)]);
    },
  );

  it('is found where the configuration names its plugin', async () => {
    await install('greeting', says('greeting', 'greet'));
    await rm(path.join(cwd, 'package.json'));
    expect((await turingpi('greet')).exitCode).toBe(2);
    await configure('plugins: [./node_modules/greeting]');
    expect((await turingpi('greet')).exitCode).toBe(7);
    expect((await turingpi('help', 'greet')).stdout).toContain('turingpi greet');
  });

  it('does not take the place of the help', async () => {
    await install('helper', says('helper', 'help'));
    const { exitCode, stdout, stderr } = await turingpi('--help');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Usage: turingpi')]);
    expect(stderr).toContain('helper');
  });

  it.each([
    ['an id of two words', `{ id: 'two words', summary: 's', examples: ['x'], run() {} }`],
    ['no summary', `{ id: 'idle', examples: ['x'], run() {} }`],
    ['no example', `{ id: 'idle', summary: 's', examples: [], run() {} }`],
    ['nothing to run', `{ id: 'idle', summary: 's', examples: ['x'] }`],
    ['a class', `class Idle { id = 'idle'; }`],
    [
      'an option that every command has',
      `{ id: 'idle', summary: 's', examples: ['x'], run() {}, options: [{ flags: '--json', summary: 's' }] }`,
    ],
  ])('with %s is refused, and the others work', async (_what, contributed) => {
    await install('idle', `commands: [${contributed}]`);
    await install('greeting', says('greeting', 'greet'));
    const help = await turingpi('--help');
    expect(help.stdout).toMatch(/^ {2}greet\b/m);
    expect(help.stdout).not.toMatch(/^ {2}(?:idle|two)\b/m);
    expect(help.stderr).toContain('idle');
    expect(await turingpi('greet')).toMatchObject({ exitCode: 7 });
  });
});
