import path from 'node:path';
import { type PhaseName, type PhaseRecord, PHASES, type TuringPi } from '@turingpi/core';
import { type NodeId, nodeName } from '@turingpi/foundation';
import { openBoards } from '../cluster/open-boards.js';
import { EXIT } from '../process/exit-codes.js';
import { wordOf } from '../process/phase-words.js';
import type { Terminal } from '../process/terminal.js';
import { localTime } from '../render/local-time.js';
import { printableLines } from '../render/printable.js';
import { slotOf } from '../render/place-of.js';
import { renderTable } from '../render/table.js';

/** `turingpi status`: what the state file says of every configured node. Asks neither board nor nodes. */
export async function status(
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openBoards(options.config, terminal, { withoutSecrets: true });
  const { clusters } = opened.boards;
  const boards = await Promise.all(
    [...clusters].map(async ([name, cluster]) => ({
      name,
      stateFile: cluster.stateFile,
      otherProject: await otherProject(cluster, opened.at(cluster).file.source),
      nodes: await recordsOf(cluster),
    })),
  );
  if (options.json === true) {
    const records = boards.map(({ name, stateFile, otherProject: project, nodes }) => ({
      ...(name === undefined ? {} : { board: name }),
      stateFile,
      ...(project === undefined ? {} : { project }),
      nodes: Object.fromEntries([...nodes].map(([id, phases]) => [nodeName(id), phases])),
    }));
    const [first] = records;
    terminal.stdout.write(`${JSON.stringify(clusters.has(undefined) ? first : { boards: records })}\n`);
    return EXIT.ok;
  }
  for (const { name, stateFile, otherProject: project, nodes } of boards) {
    const rows = [...nodes].flatMap(([nodeId, phases]) =>
      PHASES.map((phase) => {
        const { status: phaseStatus, timestamp, error, died } = phases[phase];
        const remark =
          remarkOf(phases[phase]) ?? error?.code ?? (died ? 'the next run goes on from there' : '');
        const slot = slotOf({ nodeId, ...(name !== undefined && { board: name }) });
        return [slot, wordOf(phase), died ? 'died' : phaseStatus, localTime(timestamp), remark];
      }),
    );
    const table = renderTable(['node', 'phase', 'status', 'since', ''], rows, terminal.stdout.columns);
    const note =
      project === undefined
        ? ''
        : `these records were made by ${project}: if that is about another board, give this file a stateFileName of its own\n`;
    terminal.stdout.write(`${table}\nstate: ${stateFile}\n${printableLines(note)}`);
  }
  return EXIT.ok;
}

/** The project that made the records, where it is not this one: two that share a cache directory share its state file. */
async function otherProject({ archive }: TuringPi, configFile: string): Promise<string | undefined> {
  const { board } = await archive.load();
  return board?.project === path.resolve(configFile) ? undefined : board?.project;
}

/** What is on record of a phase. */
interface ToldRecord extends PhaseRecord {
  /** It says `running`, and the process is gone that ran the phase. */
  readonly died?: true;
}

async function recordsOf(
  cluster: TuringPi,
): Promise<ReadonlyMap<NodeId, Readonly<Record<PhaseName, ToldRecord>>>> {
  const told = new Map<NodeId, Readonly<Record<PhaseName, ToldRecord>>>();
  for (const [id, phases] of await cluster.status()) {
    const records: Record<PhaseName, ToldRecord> = { ...phases };
    for (const phase of PHASES)
      if (records[phase].status === 'running' && (await cluster.archive.holder(id, phase)) === undefined)
        records[phase] = { ...records[phase], died: true };
    told.set(id, records);
  }
  return told;
}

/** In which state a node was left, where the status alone does not say it. */
function remarkOf({ status: phaseStatus, erased, voided, adopted }: PhaseRecord): string | undefined {
  if (voided !== undefined) return voided;
  if (erased === true && phaseStatus !== 'completed') return 'its old system is gone';
  return adopted === true ? 'adopted' : undefined;
}
