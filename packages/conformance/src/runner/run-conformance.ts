import { inspect, parseArgs } from 'node:util';
import { TuringPiError } from '@turingpi/foundation';
import { ConformanceError } from './conformance-error.js';
import { runCase } from './run-case.js';
import { suiteOf } from './suites.js';
import { loadTestedPlugin, type TestedContribution, type TestedPlugin } from './tested-plugin.js';

const HELP = `Usage: turingpi-conformance <package>

Runs the suites of what a plugin contributes: what every operating system, board, strategy, action, state store, image
backend, configuration key or command must do.

Arguments:
  package     name of an installed package, or the path of its folder

Options:
  --verbose   stack traces with failures
  -h, --help  this text

Examples:
  turingpi-conformance .
  turingpi-conformance ./packages/my-plugin
  turingpi-conformance turingpi-strategy-copy

What a suite is run on is said by the package: "turingpi": { "conformance": "./conformance.js" } in its package.json.
`;

/** Exit codes, as those of turingpi. */
const EXIT = { ok: 0, failed: 1, usage: 2, configuration: 3 } as const;

/** What the program sees of the world outside. */
export interface ConformanceTerminal {
  readonly cwd: string;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * \`turingpi-conformance\`.
 *
 * @param words - of the command line, without node and script
 * @returns The exit code: 0 when every case of every contribution that has a suite passed.
 */
export async function runConformance(
  words: readonly string[],
  terminal: ConformanceTerminal,
): Promise<number> {
  let isVerbose = false;
  try {
    const { help, verbose, name } = parse(words);
    isVerbose = verbose;
    if (help) {
      terminal.stdout.write(HELP);
      return EXIT.ok;
    }
    return await test(await loadTestedPlugin(name, terminal.cwd), terminal, isVerbose);
  } catch (error) {
    if (!TuringPiError.is(error)) throw error;
    terminal.stderr.write(`error ${error.code}: ${error.message}\n  ${error.hint}\n`);
    if (isVerbose) terminal.stderr.write(`${inspect(error)}\n`);
    return error.category === 'usage' ? EXIT.usage : EXIT.configuration;
  }
}

function parse(words: readonly string[]): { help: boolean; verbose: boolean; name: string } {
  const usage = (message: string) =>
    new ConformanceError('CONFORMANCE_USAGE', message, { hint: 'See turingpi-conformance --help.' });
  let parsed;
  try {
    parsed = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, verbose: { type: 'boolean' } },
    });
  } catch (cause) {
    throw usage((cause as Error).message);
  }
  const { positionals, values } = parsed;
  const [name = '', ...more] = positionals;
  const help = values.help === true;
  if (!help && (name === '' || more.length > 0)) throw usage('name one package');
  return { help, verbose: values.verbose === true, name };
}

async function test(plugin: TestedPlugin, terminal: ConformanceTerminal, verbose: boolean): Promise<number> {
  const { stdout } = terminal;
  const counts = { passed: 0, failed: 0 };
  const tell = (name: string, error: unknown) => {
    counts[error === undefined ? 'passed' : 'failed'] += 1;
    stdout.write(`  ${error === undefined ? '✓' : '✗'} ${name}\n`);
    if (error !== undefined) stdout.write(indented(described(error, verbose)));
  };
  stdout.write(`${plugin.name} ${plugin.version}\n`);
  for (const contribution of plugin.contributions) await testOne(plugin, contribution, stdout, tell);
  if (plugin.contributions.length === 0) stdout.write('\nIt contributes nothing.\n');
  stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed === 0 ? EXIT.ok : EXIT.failed;
}

async function testOne(
  plugin: TestedPlugin,
  { point, title, extension, subject }: TestedContribution,
  stdout: ConformanceTerminal['stdout'],
  tell: (name: string, error: unknown) => void,
): Promise<void> {
  const suite = suiteOf(point);
  stdout.write(`\n${title} ${extension.id}\n`);
  if (suite === undefined || subject === undefined) stdout.write('  there is no suite for it\n');
  else if (subject instanceof ConformanceError) tell('is tested', subject);
  else for (const { name, run } of suite(extension, subject, plugin)) tell(name, await runCase(run));
}

function described(error: unknown, verbose: boolean): string {
  if (verbose) return inspect(error);
  if (TuringPiError.is(error)) return `${error.code}: ${error.message}\n${error.hint}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function indented(text: string): string {
  return `${text.replaceAll(/^/gm, '      ')}\n`;
}
