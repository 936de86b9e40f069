// `turingpi up` of nodes that are installed, in a process of its own that can be killed. Prints the events as JSON lines.
import { readFile } from 'node:fs/promises';
import { definePlugin } from '@turingpi/core/plugin';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, {
  createDeclaredTuringPi,
  declarativeWorkflow,
  NETWORK_LIMITS,
} from '@turingpi/provisioning';

const [, , file] = process.argv;
const { config, limits } = JSON.parse(await readFile(file, 'utf8'));

/** The board of a lab that is in another process: what is needed of it is only that it is there. */
class ApartDriver {
  id = 'rk1';
  title = 'a namespace of another process';
  strategies = [
    { id: 'namespace', summary: 'never', install: () => Promise.reject(new Error('it is installed')) },
  ];
  powerOn = () => Promise.resolve();
  powerOff = () => Promise.reject(new Error('it stays on'));
  async *followConsole({ signal }) {
    yield* [];
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  sendConsoleLine = () => Promise.resolve();
}

const quick = definePlugin({ name: 'quick', services: [{ token: NETWORK_LIMITS, useValue: limits }] });
const apart = definePlugin({ name: 'apart', boards: [ApartDriver] });
const plugins = [...(limits === undefined ? [] : [quick]), provisioning, ubuntu, apart];
const board = await createDeclaredTuringPi({ ...config, plugins }, { approve: 'new' });
board.subscribe(({ type, ...event }) =>
  process.stdout.write(`${JSON.stringify({ event: type, ...event })}\n`),
);
const { completed } = await board.runAll(board.run(declarativeWorkflow(board, { environment: {} })));
await board[Symbol.asyncDispose]();
process.exitCode = completed ? 0 : 5;
