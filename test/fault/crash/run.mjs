// npm run crash-test -- [--kills N] [--seed TEXT] [--all]: says to the tests what the command line says; the reporter tells the
// rest. What befalls the board, the disk and the clock, and runs that are frozen, take minutes each: with --all.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: 'turingpi' },
    all: { type: 'boolean', default: false },
  },
});
if (!/^[1-9]\d*$/.test(values.kills)) {
  process.stderr.write('--kills takes a number of at least 1\n');
  process.exit(2);
}
const parameters = [
  'vitest',
  'run',
  '--config',
  'test/fault/crash/vitest.config.ts',
  ...(values.all ? [] : ['kills.cells']),
];
const env = { ...process.env, CRASH_KILLS: values.kills, CRASH_SEED: values.seed };
const child = spawn('npx', parameters, { stdio: 'inherit', env, shell: process.platform === 'win32' });
child.on('exit', (code) => process.exit(code ?? 1));
