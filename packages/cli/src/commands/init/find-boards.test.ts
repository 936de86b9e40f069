import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Answer } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { chooseBoard } from './choose-board.js';
import { DefaultAnswers } from './default-answers.js';
import { findBoards } from './find-boards.js';
import type { Questions } from './questions.js';

const never = new AbortController().signal;
const opened = new Set<ReturnType<typeof createSocket>>();
afterEach(() => {
  for (const socket of opened) socket.close();
  opened.clear();
});

/** Somebody in the network who answers every question with these messages. */
async function answering(...messages: readonly Buffer[]) {
  const socket = createSocket('udp4');
  opened.add(socket);
  const asked: string[][] = [];
  socket.on('message', (message, from) => {
    asked.push((decode(message).questions ?? []).map(({ name }) => name));
    for (const answer of messages) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { to: { address: '127.0.0.1', port: socket.address().port }, waitMs: 150, asked };
}
const told = (answers: Answer[], additionals: Answer[] = []) =>
  encode({ type: 'response', id: 0, answers, additionals });
const isAt = (name: string, data: string): Answer => ({ type: 'A', name, data, ttl: 120 });

it('finds the boards that answer to their names, and those that tell of their page', async () => {
  const network = await answering(
    told([isAt('turingpi-2.local', '192.168.1.52')]),
    told([isAt('TuringPi.local', '192.168.1.50')]),
    told(
      [{ type: 'PTR', name: '_https._tcp.local', data: 'rack._https._tcp.local' }],
      [isAt('turingpi-rack.local', '192.168.1.60'), isAt('printer.local', '192.168.1.9')],
    ),
  );
  expect(await findBoards(never, network)).toEqual([
    { name: 'turingpi-2.local', address: '192.168.1.52' },
    { name: 'turingpi-rack.local', address: '192.168.1.60' },
    { name: 'turingpi.local', address: '192.168.1.50' },
  ]);
  expect(network.asked[0]).toContain('turingpi.local');
});

it('passes over whatever else somebody says', async () => {
  const noise = fc.sample(fc.uint8Array({ maxLength: 300 }), 200).map((bytes) => Buffer.from(bytes));
  const question = encode({ type: 'query', questions: [{ type: 'A', name: 'turingpi.local' }] });
  const many = Array.from({ length: 40 }, (_, index) => isAt(`turingpi-${index}.local`, '10.0.0.1'));
  const network = await answering(...noise, question, told([isAt('turingpi\u001b[2J.local', '10.0.0.2')]));
  expect(await findBoards(never, network)).toEqual([]);
  expect(await findBoards(never, await answering(told(many)))).toHaveLength(16);
});

it('ends at once when it is stopped', async () => {
  const reason = new Error('stopped');
  await expect(findBoards(AbortSignal.abort(reason), { waitMs: 60_000 })).rejects.toBe(reason);
});

const silent = { write: () => true } as unknown as NodeJS.WriteStream;
const FOUND = [{ name: 'turingpi-nobody-resolves-this.local', address: '192.168.1.50' }];
/** Chooses this one, and takes what is offered as a text. */
const person = (choice: string): Questions =>
  Object.assign(new DefaultAnswers(), { canAsk: true, choose: () => Promise.resolve(choice) });

it.each([
  ['192.168.1.50', FOUND, '192.168.1.50'],
  ['another', FOUND, 'turingpi.local'],
  ['192.168.1.50', [], 'turingpi.local'],
])('a person who means %s of %j gets %s', async (choice, found, host) => {
  const asking = { questions: person(choice), terminal: { stderr: silent }, signal: never };
  expect(await chooseBoard(asking, () => Promise.resolve(found))).toBe(host);
});

it('looks for nothing where nobody can be asked', async () => {
  const asking = { questions: new DefaultAnswers(), terminal: { stderr: silent }, signal: never };
  expect(await chooseBoard(asking, () => Promise.reject(new Error('looked')))).toBe('turingpi.local');
});
