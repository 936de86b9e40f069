import { hashInputs, type NamedInputs } from '@turingpi/core/plugin';
import type { ImageFiles } from '@turingpi/image';

/** Where an image says which installation it is. */
export const INSTALLATION_RECORD = '/etc/turingpi/installation.json';

/** What an image says of itself (docs/operating-systems.md, "What is true on the first boot"). */
export interface InstallationRecord {
  /** What an installation of it is known by. */
  readonly id: string;
  /** For example `Node1`. */
  readonly node: string;
  /** Type of the board's module, for example `rk1`. */
  readonly board: string;
  /** The board that it was made for, where that was known: `serial:…`, `mac:…` or `key:…`. */
  readonly boardId?: string;
  /** Which of the node's installations it is, counted from 1. */
  readonly generation: number;
  /** The version of the steps that made it. */
  readonly recipe: number;
  readonly inputs: NamedInputs;
}

/** Renders the record as JSON: of each input a digest only, so that everybody on the node may read it. */
export function renderInstallationRecord({ inputs, ...record }: InstallationRecord): string {
  const digests = Object.entries(inputs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, hashInputs(value)] as const); // of a secret it is keyed already
  return `${JSON.stringify({ version: 1, ...record, inputs: Object.fromEntries(digests) }, null, 2)}\n`;
}

/** Writes the record into an image. */
export async function writeInstallationRecord(root: ImageFiles, record: InstallationRecord): Promise<void> {
  await root.mkdir('/etc/turingpi');
  const attributes = { mode: 0o644, uid: 0, gid: 0 };
  await root.writeFile(INSTALLATION_RECORD, renderInstallationRecord(record), attributes);
}
