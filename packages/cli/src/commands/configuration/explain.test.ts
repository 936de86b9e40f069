import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../cli.js';

async function turingpi(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCli(['node', 'turingpi', ...words], {
    environment: {},
    stdout,
    stderr,
    cwd: '/',
  });
  for (const stream of [stdout, stderr]) stream.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('turingpi explain', () => {
  it('says what a code means and what to do, however it is written', async () => {
    const { exitCode, stdout } = await turingpi('explain', 'bmc_untrusted');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^BMC_UNTRUSTED, a code of the board\n {2}means {2}.+\n {2}cure {3}.+turingpi board trust.+\n$/,
    );
  });

  it('says the same to programs', async () => {
    const { stdout } = await turingpi('explain', 'STATE_LOCKED', '--json');
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['code', 'family', 'means', 'cure']);
  });

  it('lists every code', async () => {
    const { stdout } = await turingpi('explain', '--json');
    const { codes } = JSON.parse(stdout) as { codes: { code: string }[] };
    expect(codes.length).toBeGreaterThan(250);
    const list = await turingpi('explain', '--all');
    for (const { code } of codes) expect(list.stdout).toContain(`  ${code}: `);
  });

  it('begins with the families, each with how many it has and how they begin', async () => {
    const { exitCode, stdout } = await turingpi('explain');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^the board +\d+ +.*BMC/m);
    expect(stdout.split('\n').length).toBeLessThan(24);
  });

  it('finds codes by a part of them, and by what they are about', async () => {
    const { stdout } = await turingpi('explain', 'xz_');
    expect(stdout.split('\n').filter((line) => /^ {2}\w*XZ_\w*: /.test(line)).length).toBeGreaterThan(0);
    const about = await turingpi('explain', 'approval', '--json');
    const { codes } = JSON.parse(about.stdout) as { codes: { code: string }[] };
    expect(codes.map(({ code }) => code)).toContain('ERASE_NOT_APPROVED');
  });

  it('knows which code may be meant', async () => {
    const { exitCode, stderr } = await turingpi('explain', 'BMC_UNTRUSTD');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('there is no code BMC_UNTRUSTD; did you mean BMC_UNTRUSTED?');
  });
});
