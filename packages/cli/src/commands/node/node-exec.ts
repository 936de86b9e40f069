import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connectNode } from '@turingpi/provisioning';
import type { SshCommandResult } from '@turingpi/runtime';
import { openBoards } from '../../cluster/open-boards.js';
import { declaredPassword } from '../../node/declared-password.js';
import { type NamedNode, namedNodes } from '../../node/named-nodes.js';
import { nodeFields, reportNodes, slotOfNode } from '../../node/node-report.js';
import { exitCodeOfNodes, onEachNode } from '../../node/on-each-node.js';
import { TextLines } from '../../node/text-lines.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { NodesNamed } from '../../process/node-names.js';
import { remark } from '../../process/remark.js';
import type { Output, Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { printable } from '../../render/printable.js';
import type { NodeCommandOptions } from './node-command-options.js';

export interface NodeExecOptions extends NodeCommandOptions {
  readonly sudo?: boolean;
  /** Seconds after which the command is ended on the node. */
  readonly timeout?: number;
  /** What standard input has goes to every node's command. */
  readonly stdin?: boolean;
}

/** A day: a command that is watched is ended by whoever watches it. */
const LONGEST_MS = 86_400_000;
/** Output is told as it comes; this much is kept for what an error says. */
const KEPT_BYTES = 64 * 1024;

type Ended = Pick<SshCommandResult, 'exitCode' | 'signal'>;

/** `turingpi node exec NODES -- COMMAND`: runs a command on nodes, all at once, and says how it ended on each. */
export async function nodeExec(
  nodes: NodesNamed,
  command: readonly string[],
  options: NodeExecOptions,
  terminal: Terminal,
): Promise<number> {
  if (command.length === 0)
    throw new UsageError('node exec needs a command', 'For example: turingpi node exec 1,3 -- uptime');
  const json = options.json === true;
  using interruption = onInterruption(() => remark(terminal, 'stopping: the command is ended on the nodes'));
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const named = namedNodes(opened, nodes);
  // Nobody reads any more, as after `| head`: there is no use in going on.
  const readerGone = new AbortController();
  const whenGone = () => readerGone.abort(new Error('nobody reads the output any more'));
  terminal.stdout.once('error', whenGone).once('close', whenGone);
  const signal = AbortSignal.any([interruption.signal, readerGone.signal]);
  const redactors = new Map<NamedNode, (text: string) => string>();
  const width = Math.max(...named.map((one) => slotOfNode(one).length));
  // One argument is a line for the shell, as `ssh` takes it; several are a program and its arguments as they are.
  const [line, ...rest] = command;
  const given = line !== undefined && rest.length === 0 ? line : command;

  try {
    const input = options.stdin === true ? await standardInput(signal) : undefined;
    const outcomes = await onEachNode(named, (one) =>
      one.cluster.visit(
        one.node.id,
        async (context, redact): Promise<Ended> => {
          redactors.set(one, redact);
          await using session = await connectNode(context, await declaredPassword(opened, one, terminal));
          const write = (stream: 'stdout' | 'stderr') =>
            new TextLines((text) => show(one, stream, redact(text), { json, width }, terminal));
          const streams = { stdout: write('stdout'), stderr: write('stderr') };
          try {
            const { exitCode, signal: by } = await session.exec(given, {
              signal,
              sudo: options.sudo === true,
              allowFailure: true,
              maxOutputBytes: KEPT_BYTES,
              timeoutMs: options.timeout === undefined ? LONGEST_MS : options.timeout * 1000,
              ...(input === undefined ? {} : { input }),
              onOutput: (text, stream) => streams[stream].push(text),
            });
            return { exitCode, signal: by };
          } finally {
            streams.stdout.end();
            streams.stderr.end();
          }
        },
        { signal },
      ),
    );
    if (readerGone.signal.aborted) return EXIT.failed;
    reportNodes(outcomes, terminal, {
      json,
      redact: (one, text) => redactors.get(one)?.(text) ?? text,
      words: ({ exitCode, signal: by }) =>
        exitCode === 0 ? 'ok' : by === undefined ? `exit code ${exitCode}` : `ended by ${by}`,
      data: ({ exitCode, signal: by }) => ({ exitCode, ...(by === undefined ? {} : { signal: by }) }),
    });
    return exitCodeOfNodes(outcomes, signal, ({ exitCode }) => exitCode === 0);
  } finally {
    terminal.stdout.off('error', whenGone).off('close', whenGone);
  }
}

/** What comes on standard input, to its end: whatever bytes these are. */
async function standardInput(signal: AbortSignal): Promise<Buffer> {
  try {
    return await buffer(addAbortSignal(signal, process.stdin));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function show(
  named: NamedNode,
  stream: 'stdout' | 'stderr',
  line: string,
  { json, width }: { readonly json: boolean; readonly width: number },
  terminal: Terminal,
): void {
  if (json) {
    const event = { event: 'output', ...nodeFields(named), stream, line };
    terminal.stdout.write(`${JSON.stringify(event)}\n`);
    return;
  }
  const output = terminal[stream];
  output.write(`${slotOfNode(named).padEnd(width)} | ${forReader(line, output)}\n`);
}

/** A terminal is not steered by what a node prints; who reads a pipe gets it as it is. */
function forReader(line: string, { isTTY = false }: Output): string {
  return isTTY ? printable(line.replaceAll('\t', '  ')) : line;
}
