import type { ActionEnvironment, PostInstallAction } from './post-install-action.js';
import { RECORDED_OUTPUT_BYTES } from './recorded-result.js';

export interface ReadInput {
  readonly path: string;
}

/** Reads a file of the node: for code alone, since nothing in a configuration file could use it. */
export class ReadAction implements PostInstallAction<ReadInput> {
  readonly id = 'read';
  readonly title = 'reads a file of the node';
  readonly place = 'node';
  readonly method = { name: 'remote.readFile', input: (path: string): ReadInput => ({ path }) } as const;

  note({ path }: ReadInput): string {
    return path;
  }

  inputs({ path }: ReadInput) {
    return { path };
  }

  async perform({ path }: ReadInput, { signal, session }: ActionEnvironment): Promise<string> {
    const node = await session();
    const content = await node.readFile(path, { signal, sudo: true, maxBytes: RECORDED_OUTPUT_BYTES });
    return content.toString('utf8');
  }
}
