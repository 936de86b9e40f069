import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const nodeInfo = z.object({
  name: z.string().nullable(),
  module_name: z.string().nullable(),
  uart_baud: z.number().nullable(),
});

const settings = z.object({
  power: z.array(z.boolean()).length(4),
  usb: z.object({
    node: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
    mode: z.enum(['Host', 'Device', 'Flash']),
    route: z.enum(['Bmc', 'AlternativePort']),
  }),
  node1AlternativePort: z.boolean(),
  nodes: z.array(nodeInfo).length(4),
});

/** What the daemon keeps across restarts: intended power, USB setting, names of nodes. */
export type BoardSettings = z.infer<typeof settings>;

/** What `node_info` stores for a slot. */
export type StoredNodeInfo = z.infer<typeof nodeInfo>;

/** The settings of a board that was never used (docs/reference/bmc-protocol.md, "USB"). */
export function factorySettings(): BoardSettings {
  return {
    power: [false, false, false, false],
    usb: { node: 1, mode: 'Device', route: 'AlternativePort' },
    node1AlternativePort: false,
    nodes: Array.from({ length: 4 }, () => ({ name: null, module_name: null, uart_baud: null })),
  };
}

/** Reads settings; a missing or unusable file gives the factory settings, as the daemon does. */
export async function readSettings(path: string): Promise<BoardSettings> {
  try {
    return settings.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return factorySettings();
  }
}

/** Writes settings through a temporary file. */
export async function writeSettings(path: string, value: BoardSettings): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(temporary, path);
}

/** Keeps settings on disk, one write after another; the last state is written before it is closed. */
export class SettingsFile implements AsyncDisposable {
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(
    private readonly path: string,
    private readonly settings: BoardSettings,
  ) {}

  changed(): void {
    this.#writing = this.#writing
      .then(() => writeSettings(this.path, this.settings))
      .catch((cause: unknown) => {
        this.#failure ??= cause;
      });
  }

  /** @throws the first failure of a write. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure as Error;
  }
}
