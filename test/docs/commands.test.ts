import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../packages/cli/src/cli.js';
import type { Terminal } from '../../packages/cli/src/process/terminal.js';
import { EXPLANATIONS } from '../../packages/cli/src/explanation/explanations.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  ...(await readdir(path.join(ROOT, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Commands that plugins bring: those of fleets and of the state server, and an example. */
const OF_PLUGINS: ReadonlySet<string> = new Set(['fleet', 'rack', 'state-server']);
/** Names with the beginning of a code that are none: variables, and tokens of services. */
const NO_CODES: ReadonlySet<string> = new Set([
  'BMC_CLIENT',
  'IMAGE_ENGINE',
  'LOCAL_RUNTIME',
  'NODE_EXTRA_CA_CERTS',
  'SSHD_OPTS',
  'SSH_RUNTIME',
]);
const CODES = new Set(EXPLANATIONS.flatMap(({ codes }) => Object.keys(codes)));
const PREFIXES = new Set([...CODES].map((code) => code.slice(0, code.indexOf('_') + 1)));

const pages = await Promise.all(
  PAGES.map(async (page) => ({ page, text: await readFile(path.join(ROOT, page), 'utf8') })),
);

it('every command in README and docs is there, with its options', async () => {
  const told = pages.flatMap(({ page, text }) => commandLines(text).map((line) => ({ page, line })));
  expect(told.length).toBeGreaterThan(150);
  const wrong: string[] = [];
  for (const { page, line } of told) {
    const fault = await faultOf(line);
    if (fault !== undefined) wrong.push(`${page}: ${line}: ${fault}`);
  }
  expect(wrong).toEqual([]);
});

it('every code in README and docs is one that `turingpi explain` knows', () => {
  const unknown = pages.flatMap(({ page, text }) =>
    [...text.matchAll(/`([A-Z][A-Z\d]*_[A-Z\d_]*[A-Z\d])`/g)]
      .map(([, code]) => code!)
      .filter((code) => !NO_CODES.has(code))
      .filter((code) => PREFIXES.has(code.slice(0, code.indexOf('_') + 1)) && !CODES.has(code))
      .map((code) => `${page}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

/** What stands in blocks for a shell, and between backquotes, and begins with the command. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!.replaceAll('\\\n', ' ').split('\n'),
  );
  const inline = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code]) => code!,
  );
  return [...blocks, ...inline]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .flatMap((line) => line.split(/\s*&&\s*/))
    .filter((line) => /^(npx )?turingpi [a-z]/.test(line))
    .map((line) => line.replace(/^npx /, '').replace(/ -- .*$/, ''));
}

/** @returns What the command does not know of a line; nothing where it knows all of it. */
async function faultOf(line: string): Promise<string | undefined> {
  // What comes after `--` is another program's.
  const words = line
    .split(/\s--\s/)[0]!
    .split(/\s+/)
    .slice(1);
  const place: string[] = [];
  let help = await helpOf(place);
  for (const word of words) {
    if (!help.commands.has(word)) break;
    place.push(word);
    help = await helpOf(place);
  }
  if (OF_PLUGINS.has(words[0]!)) return undefined;
  if (place.length === 0) return `there is no command ${words[0]}`;
  if (help.commands.size > 0 && words.length > place.length && /^[a-z]/.test(words[place.length]!))
    return `${place.join(' ')} has no ${words[place.length]}`;
  const unknown = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
  return unknown.filter((option) => !help.options.has(option)).map((option) => `no option ${option}`)[0];
}

const helps = new Map<string, Promise<{ commands: Set<string>; options: Set<string> }>>();

function helpOf(place: readonly string[]) {
  const key = place.join(' ');
  const known = helps.get(key) ?? readHelp(place);
  helps.set(key, known);
  return known;
}

async function readHelp(place: readonly string[]) {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  const terminal = {
    cwd: ROOT,
    environment: {},
    stdout: { write },
    stderr: { write },
  } as unknown as Terminal;
  expect(await runCli(['node', 'turingpi', ...place, '--help'], terminal), place.join(' ')).toBe(0);
  const [, commands = ''] = text.split(/^Commands:$/m);
  return {
    commands: new Set([...commands.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name!)),
    options: new Set([...text.matchAll(/(?<=^ {2,}|, )--?[a-z][a-z\d-]*/gm)].map(([option]) => option)),
  };
}
