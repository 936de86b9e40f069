import { PHASES, type PhaseRecord } from '@turingpi/core';
import { type NodeId, NODE_IDS, nodeName } from '@turingpi/foundation';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { printable } from '../../render/printable.js';
import { openRecords, type StateCommandOptions } from './open-records.js';

const SHORT_DIGITS = 12;

/** `turingpi state show [NODES]`: everything on record, also of nodes that are not in the configuration any more. */
export async function stateShow(
  nodes: readonly NodeId[] | undefined,
  options: StateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  await using opened = await openRecords(options, terminal);
  const { records } = opened;
  const state = await records.load();
  const wanted = nodes ?? NODE_IDS.filter((id) => state[nodeName(id)] !== undefined);
  const { stdout } = terminal;
  if (options.json === true) {
    const shown = Object.fromEntries(wanted.map((id) => [nodeName(id), state[nodeName(id)] ?? {}]));
    const record = { location: records.location, board: state.board, nodes: shown };
    stdout.write(`${JSON.stringify(record)}\n`);
    return EXIT.ok;
  }
  const line = (text: string) => stdout.write(`${printable(text)}\n`);
  line(`state: ${records.location}`);
  const { board } = state;
  line(`board: ${board === undefined ? 'none yet' : factsOf({ ...board })}`);
  for (const id of wanted) {
    line('');
    line(nodeName(id));
    for (const phase of PHASES) {
      const record = state[nodeName(id)]?.[phase];
      if (record === undefined) continue;
      for (const text of linesOf(phase, record)) line(text);
    }
  }
  if (wanted.length === 0) line('nothing is on record of any node');
  return EXIT.ok;
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
