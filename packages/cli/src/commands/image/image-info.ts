import path from 'node:path';
import { describeImage, ImageError, type ImageDescription, type PartitionDescription } from '@turingpi/image';
import { detectImage, explainImage, type ImageFinding, LinuxError, readPartitions } from '@turingpi/linux';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { renderFacts } from '../../render/facts.js';
import { printable } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';
import { type ImageCommandOptions, type ImageWork, withImageWork } from './image-command.js';

type System =
  | { readonly findings: readonly ImageFinding[]; readonly problem: undefined }
  | { readonly findings: readonly []; readonly problem: { readonly code: string; readonly message: string } };

/** `turingpi image info FILE`: packing, partitions, filesystems, operating system, and how it would be customised. */
export async function imageInfo(
  file: string,
  options: ImageCommandOptions,
  terminal: Terminal,
): Promise<number> {
  return withImageWork(options, terminal, async (work) => {
    await using session = await work.open(file);
    const image = await describeImage(path.resolve(terminal.cwd, file), session, work.signal);
    const system = await describeSystem(session);
    if (options.json === true) terminal.stdout.write(`${JSON.stringify({ image, system })}\n`);
    else {
      const { columns } = terminal.stdout;
      terminal.stdout.write(`${renderImage(image, columns)}\n${renderSystem(system, columns)}`);
    }
    return EXIT.ok;
  });
}

/** An image without a system that we know is still an image: then it says why. */
async function describeSystem(session: Awaited<ReturnType<ImageWork['open']>>): Promise<System> {
  try {
    const detected = await detectImage(await readPartitions(session));
    return { findings: explainImage(detected), problem: undefined };
  } catch (error) {
    if (!(error instanceof ImageError) && !(error instanceof LinuxError)) throw error;
    return { findings: [], problem: { code: error.code, message: error.message } };
  }
}

function renderImage(
  { path: file, container, sizeBytes, rawSizeBytes, xz, table, ...rest }: ImageDescription,
  columns: number | undefined,
): string {
  const facts: [string, string][] = [
    ['file', `${printable(file)}, ${formatBytes(sizeBytes)}`],
    ['packed as', container === 'raw' ? 'not packed' : `${container}, ${formatBytes(rawSizeBytes)} unpacked`],
    ...(xz === undefined
      ? []
      : ([
          [
            'xz',
            `${xz.blocks} blocks of up to ${formatBytes(xz.largestBlockBytes)}, largest dictionary ${formatBytes(xz.largestDictionaryBytes)}, check ${xz.check ?? 'none'}`,
          ],
        ] satisfies [string, string][])),
    ['partitions', `${table.scheme}${table.diskId === undefined ? '' : `, disk ${table.diskId}`}`],
    ...(table.notes ?? []).map((note): [string, string] => ['note', printable(note)]),
    ['edited by', `${rest.backend}: ${rest.backendReason}`],
  ];
  const head = ['#', 'begins at', 'size', 'filesystem', 'label', 'uuid', 'free'];
  const list = renderTable(head, rest.partitions.map(partitionRow), columns);
  const problems = rest.partitions.flatMap(({ number, problem }) =>
    problem === undefined ? [] : [`partition ${number}: ${printable(problem.message)}\n`],
  );
  return `${renderFacts(facts, columns)}\n${list}${problems.join('')}`;
}

function partitionRow({ number, offsetBytes, sizeBytes, fileSystem, name }: PartitionDescription): string[] {
  const { kind = 'not readable', label = name ?? '', uuid = '', usage } = fileSystem ?? {};
  return [
    String(number),
    String(offsetBytes),
    formatBytes(sizeBytes),
    kind,
    printable(label),
    uuid,
    usage === undefined ? '' : `${formatBytes(usage.freeBytes)} of ${formatBytes(usage.totalBytes)}`,
  ];
}

function renderSystem({ findings, problem }: System, columns: number | undefined): string {
  if (problem !== undefined) return `no system that can be customised: ${printable(problem.message)}\n`;
  const facts = findings.map(({ topic, value, reason }): [string, string] => [
    topic,
    printable(`${value} (${reason})`),
  ]);
  return renderFacts(facts, columns);
}
