import { diffImages, type FileDifference, type FileFacts } from '@turingpi/image';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatMode } from '../../render/file-mode.js';
import { printable } from '../../render/printable.js';
import { type ImageCommandOptions, withImageWork } from './image-command.js';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** `turingpi image diff A B`: what B has otherwise, by file. Exit code 1 when they differ, as `diff` has it. */
export async function imageDiff(
  before: string,
  after: string,
  options: ImageCommandOptions,
  terminal: Terminal,
): Promise<number> {
  return withImageWork(options, terminal, async (work) => {
    await using a = await work.open(before);
    await using b = await work.open(after);
    let differences = 0;
    for await (const found of diffImages(a, b, work.signal)) {
      if (!work.isRead()) break;
      if ('change' in found) differences += 1;
      if (options.json === true) terminal.stdout.write(`${JSON.stringify(found)}\n`);
      else if ('change' in found) terminal.stdout.write(renderDifference(found));
      else terminal.stdout.write(`# partition ${found.partition} ${printable(found.remark)}\n`);
    }
    if (differences === 0 && options.json !== true) terminal.stdout.write('All files are equal.\n');
    return differences === 0 ? EXIT.ok : EXIT.failed;
  });
}

function renderDifference({ partition, path, change, before, after, facts }: FileDifference): string {
  const head = `${SIGNS[change]} ${partition}:${printable(path)}`;
  if (change === 'added') return `${head}  ${renderFacts(after)}\n`;
  if (change === 'removed') return `${head}  ${renderFacts(before)}\n`;
  return `${head}  (${facts.join(', ')})\n    ${renderFacts(before)}\n    ${renderFacts(after)}\n`;
}

function renderFacts(facts: FileFacts | undefined): string {
  if (facts === undefined) return '';
  const { type, mode, uid, gid, size, sha256, target } = facts;
  return [
    `${formatMode(type, mode)} ${uid}:${gid} ${size} B`,
    ...(sha256 === undefined ? [] : [`sha256:${sha256}`]),
    ...(target === undefined ? [] : [`-> ${printable(target)}`]),
  ].join(' ');
}
