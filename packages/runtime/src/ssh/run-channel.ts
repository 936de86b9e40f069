import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import { OutputTail } from '../command/output-tail.js';
import { RuntimeError } from '../runtime-error.js';

/** One command on an open connection, without any interpretation of its result. */
export interface ChannelRun {
  readonly command: string;
  readonly place: string;
  readonly signal: AbortSignal;
  readonly maxOutputBytes: number;
  /** Called when the command runs; may write to and end its standard input. */
  readonly onStart: (channel: ClientChannel) => void;
  readonly onStdout?: (chunk: Buffer) => void;
  /** Returns what of a piece of stderr belongs to the command. */
  readonly filterStderr?: (chunk: Buffer, channel: ClientChannel) => Buffer;
}

export interface ChannelResult {
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly stdout: OutputTail;
  readonly stderr: OutputTail;
}

/**
 * Runs a command on a channel of its own and waits for its end.
 *
 * @throws RuntimeError `SSH_CONNECTION_LOST`; the signal's reason when it fires, after the command was told to die.
 */
export function runChannel(client: Client, run: ChannelRun): Promise<ChannelResult> {
  const { signal, place } = run;
  return new Promise((resolve, reject) => {
    let open: ClientChannel | undefined;
    const finish = (end: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      client.off('close', onLost);
      end();
    };
    const onLost = (): void => finish(() => reject(connectionLost(place)));
    const onAbort = (): void => {
      open?.signal('KILL');
      open?.close();
      finish(() => reject(signal.reason as Error));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    client.once('close', onLost);

    openExec(client, run.command, (error, channel) => {
      if (channel === undefined || error !== undefined) {
        finish(() => reject(connectionLost(place, error)));
        return;
      }
      if (signal.aborted) {
        channel.close();
        return;
      }
      open = channel;
      const stdout = new OutputTail(run.maxOutputBytes);
      const stderr = new OutputTail(run.maxOutputBytes);
      let exit: { exitCode: number; signal: string | undefined } | undefined;
      channel.on('error', () => undefined); // writing to a command that has ended is no news
      channel.on('data', (chunk: Buffer) => {
        stdout.push(chunk);
        run.onStdout?.(chunk);
      });
      channel.stderr.on('data', (chunk: Buffer) => stderr.push(run.filterStderr?.(chunk, channel) ?? chunk));
      channel.on('exit', (code: number | null, name?: string) => {
        exit = name === undefined ? { exitCode: code ?? 128, signal: undefined } : endedBySignal(name);
      });
      channel.on('close', () => {
        const ended = exit;
        if (ended === undefined) finish(() => reject(connectionLost(place)));
        else finish(() => resolve({ ...ended, stdout, stderr }));
      });
      run.onStart(channel);
    });
  });
}

function openExec(
  client: Client,
  command: string,
  opened: (error: Error | undefined, channel: ClientChannel | undefined) => void,
): void {
  try {
    client.exec(command, opened);
  } catch (error) {
    opened(error as Error, undefined); // ssh2 throws when it already knows that the connection is gone
  }
}

function endedBySignal(name: string): { exitCode: number; signal: string } {
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return { exitCode: 128 + (numbers[full] ?? 0), signal: full };
}

/** The error for a connection that ended while something was still wanted of it. */
export function connectionLost(place: string, cause?: unknown): RuntimeError {
  return new RuntimeError('SSH_CONNECTION_LOST', `The connection to ${place} was lost.`, {
    cause,
    details: { place },
  });
}
