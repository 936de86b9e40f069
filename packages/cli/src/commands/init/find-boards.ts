import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADDRESS, parseAddresses, POINTER, renderQuestions } from './dns-message.js';

/** A board that answered to a name. */
export interface FoundBoard {
  /** As it calls itself, for example `turingpi-2.local`. */
  readonly name: string;
  /** IPv4. */
  readonly address: string;
}

/** How boards are looked for. */
export interface FindBoardsOptions {
  /** Who is asked; default: all in the networks of this computer (RFC 6762). */
  readonly to?: { readonly address: string; readonly port: number };
  /** How long answers are waited for, in milliseconds. */
  readonly waitMs?: number;
}

const EVERYBODY = { address: '224.0.0.251', port: 5353 };
const WAIT_MS = 1500;
/** A second board of a network gives itself a number; the fork's firmware v2.3.0 to v2.8.0 answers to no name at all. */
const NAMES = ['turingpi.local', 'turingpi-2.local', 'turingpi-3.local', 'turingpi-4.local'];
const NAME_OF_BOARD = /^turing-?pi[a-z0-9-]{0,40}\.local$/i;
/** Some firmware tells of its page, under whatever name the board has. */
const SERVICE = '_https._tcp.local';
const QUESTION = renderQuestions([...NAMES.map((name) => [name, ADDRESS] as const), [SERVICE, POINTER]]);
/** More of them are no boards. */
const MOST = 16;

/**
 * Asks the networks of this computer for boards by multicast DNS, which the resolver of many Linux systems does not do.
 *
 * @returns Those that answered in time, by name; none where nothing can be sent.
 * @throws The reason of the signal.
 */
export async function findBoards(
  signal: AbortSignal,
  { to = EVERYBODY, waitMs = WAIT_MS }: FindBoardsOptions = {},
): Promise<readonly FoundBoard[]> {
  const found = new Map<string, string>();
  const sockets = ownAddresses().map((own) => {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined); // a network through which nothing goes
    socket.on('message', (message) => note(message, found));
    socket.bind(0, own, () => send(socket, own, QUESTION, to));
    return socket;
  });
  try {
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  } finally {
    for (const socket of sockets) socket.close();
  }
  return [...found]
    .map(([name, address]) => ({ name, address }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
}

function send(socket: Socket, own: string, message: Buffer, to: Required<FindBoardsOptions>['to']): void {
  try {
    socket.setMulticastInterface(own);
    socket.send(message, to.port, to.address, () => undefined);
  } catch {
    // An interface without multicast.
  }
}

/** Anybody may answer anything: what is no board is passed over. */
function note(message: Buffer, found: Map<string, string>): void {
  for (const { name, address } of parseAddresses(message))
    if (NAME_OF_BOARD.test(name) && found.size < MOST) found.set(name.toLowerCase(), address);
}
