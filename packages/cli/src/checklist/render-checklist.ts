import type { HardwareAssumption } from './hardware-checklist.js';

/** Whether an assumption holds on a board. */
export type Verdict = 'holds' | 'fails' | 'not tried';

/** What was seen of one assumption. */
export interface SeenAssumption extends HardwareAssumption {
  readonly verdict: Verdict;
  readonly note?: string | undefined;
}

/** What was seen on one board. */
export interface SeenBoard {
  /** ISO 8601. */
  readonly at: string;
  readonly program: string;
  /** Model, revision, firmware and the like, or why they are not known. */
  readonly board: Readonly<Record<string, string>>;
  readonly seen: readonly SeenAssumption[];
}

/** What was seen as a page that an issue takes as it is. */
export function renderChecklist({ at, program, board, seen }: SeenBoard): string {
  const tried = seen.filter(({ verdict }) => verdict !== 'not tried');
  const rows = tried.map(
    ({ id, assumption, verdict, note }) =>
      `| ${id} | ${cell(assumption)} | ${verdict} | ${cell(note ?? '')} |`,
  );
  return [
    '# What was seen on a board',
    '',
    `- at: ${at}`,
    `- turingpi: ${program}`,
    ...Object.entries(board).map(([name, value]) => `- ${name}: ${value}`),
    '',
    ...(tried.length === 0
      ? ['Nothing was tried yet.']
      : ['| # | assumption | on this board | note |', '| --- | --- | --- | --- |', ...rows]),
    '',
    `Not tried: ${seen.flatMap(({ id, verdict }) => (verdict === 'not tried' ? id : [])).join(', ') || 'none'}.`,
    '',
  ].join('\n');
}

/** What ends no cell and no row. */
function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
}
