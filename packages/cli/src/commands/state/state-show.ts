import { type ClusterState, type NodeState, PHASES, type PhaseRecord } from '@turingpi/core';
import { type NodeId, NODE_IDS, nodeName } from '@turingpi/foundation';
import { EXIT } from '../../process/exit-codes.js';
import type { NodeName } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';
import { slotOf } from '../../render/place-of.js';
import { printable } from '../../render/printable.js';
import { openRecordsOfBoards, type RecordsOfBoard, type StateCommandOptions } from './open-records.js';

const SHORT_DIGITS = 12;

/** `turingpi state show [NODES]`: everything on record, also of nodes that are not in the configuration any more. */
export async function stateShow(
  nodes: readonly NodeName[] | undefined,
  options: StateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  await using opened = await openRecordsOfBoards(options, terminal, nodes);
  const shown = await Promise.all(opened.each.map(shownOf));
  const { stdout } = terminal;
  if (options.json === true) {
    const boards = shown.map(({ name, location, identity, records }) => ({
      ...(name === undefined ? {} : { name }),
      ...{ location, board: identity },
      nodes: Object.fromEntries(records.map(([id, record]) => [nodeName(id), record])),
    }));
    stdout.write(`${JSON.stringify(opened.isOne ? boards[0] : { boards })}\n`);
    return EXIT.ok;
  }
  const lines = shown.map(linesOfBoard);
  stdout.write(`${lines.map((board) => board.map(printable).join('\n')).join('\n\n')}\n`);
  return EXIT.ok;
}

/** What is on record of a board, as it is shown. */
interface ShownBoard {
  readonly name: string | undefined;
  readonly location: string;
  readonly identity: ClusterState['board'];
  readonly records: readonly (readonly [NodeId, NodeState])[];
}

async function shownOf({ board: name, records, nodes }: RecordsOfBoard): Promise<ShownBoard> {
  const state = await records.load();
  const wanted = nodes ?? NODE_IDS.filter((id) => state[nodeName(id)] !== undefined);
  return {
    name,
    location: records.location,
    identity: state.board,
    records: wanted.map((id) => [id, state[nodeName(id)] ?? {}]),
  };
}

function linesOfBoard({ name, location, identity, records }: ShownBoard): string[] {
  return [
    ...(name === undefined ? [] : [`board ${name}`]),
    `state: ${location}`,
    `board: ${identity === undefined ? 'none yet' : factsOf({ ...identity })}`,
    ...records.flatMap(([nodeId, node]) => [
      '',
      slotOf({ nodeId, ...(name === undefined ? {} : { board: name }) }),
      ...PHASES.flatMap((phase) => {
        const record = node[phase];
        return record === undefined ? [] : linesOf(phase, record);
      }),
    ]),
    ...(records.length === 0 ? ['nothing is on record of any node'] : []),
  ];
}

function linesOf(phase: string, record: PhaseRecord): string[] {
  const { status, timestamp, input_hash: hash, inputs, owner, error, voided } = record;
  const facts = {
    inputs: hash && short(hash),
    installation: record.installation_id,
    generation: record.generation,
    image: record.output_image_path,
    sha256: record.output_sha256 && short(record.output_sha256),
    seen: record.seen_at,
    adopted: record.adopted === true ? 'yes' : undefined,
    'run by': owner && `process ${owner.pid} on ${owner.host}`,
  };
  return [
    `  ${phase}: ${status} since ${timestamp}`,
    ...(voided === undefined ? [] : [`    ${voided}`]),
    ...(error === undefined ? [] : [`    ${error.code}: ${error.message}`]),
    ...Object.entries(facts).flatMap(([name, value]) =>
      value === undefined ? [] : [`    ${name}: ${String(value)}`],
    ),
    ...Object.entries(inputs ?? {}).map(([name, { digest }]) => `      ${name}: ${short(digest)}`),
  ];
}

function factsOf(facts: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');
}

function short(digest: string): string {
  return digest.slice(0, SHORT_DIGITS);
}
