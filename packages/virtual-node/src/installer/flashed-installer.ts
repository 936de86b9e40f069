import { openRawDisk, PartitionFiles, readPartitionTable } from '@turingpi/image';
import { appendedFiles } from './appended-files.js';

const LABEL = 'TPINSTALL';
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** What is taken over from settings: their values hold nothing that means something to a shell. */
const SETTING = /^(TP_(?:URL|WORKERS|MARK_OFFSET|MARK_BYTES|MARK_DIGEST))='([\w:/.@-]*)'$/gm;

/** An installer on an eMMC, as the network strategy flashes it. */
export interface FlashedInstaller {
  /** The script that it would run. */
  readonly script: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Who the server must be (`pinnedpubkey` of curl), and what it is shown. */
  readonly publicKeyPin: string;
  readonly token: string;
}

/** Looks for an installer on an eMMC; undefined when it holds something else. */
export async function findInstaller(emmcPath: string): Promise<FlashedInstaller | undefined> {
  await using disk = await openRawDisk(emmcPath, { writable: true });
  const table = await readPartitionTable(disk).catch(() => undefined);
  const [partition, ...others] = table?.partitions ?? [];
  if (table === undefined || partition === undefined || others.length > 0) return undefined;
  const files = await (await PartitionFiles.of(disk, table)).files(partition.number).catch(() => undefined);
  if (files?.fileSystem.kind !== 'fat' || files.fileSystem.label !== LABEL) return undefined;
  for (const path of await everyFile(files, '/')) {
    const found = appendedFiles(await files.readFile(path, { maxBytes: MAX_FILE_BYTES }));
    const [script, settings, curl] = ['install.sh', 'settings', 'curlrc'].map((name) =>
      found.get(`turingpi/${name}`)?.toString(),
    );
    const publicKeyPin = /^pinnedpubkey = "sha256\/\/([\w+/=]+)"$/m.exec(curl ?? '')?.[1];
    const token = /^header = "Authorization: Bearer ([\w-]+)"$/m.exec(curl ?? '')?.[1];
    if (script === undefined || publicKeyPin === undefined || token === undefined) continue;
    const values = [...(settings ?? '').matchAll(SETTING)].map(([, name = '', value = '']) => [name, value]);
    return {
      script,
      settings: Object.fromEntries(values) as Record<string, string>,
      publicKeyPin,
      token,
    };
  }
  return undefined;
}

/** Paths of files whose name says that they may be an initrd. */
async function everyFile(
  files: { list(path: string): Promise<readonly { readonly name: string; readonly type: string }[]> },
  directory: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const { name, type } of await files.list(directory)) {
    const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
    if (type === 'directory') found.push(...(await everyFile(files, path)));
    else if (/init/i.test(name)) found.push(path);
  }
  return found;
}
