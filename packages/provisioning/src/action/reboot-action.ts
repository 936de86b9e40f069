import { z } from 'zod';
import type { ActionEnvironment, PostInstallAction } from './post-install-action.js';

export interface RebootInput {
  /** Milliseconds that the node may take. */
  readonly timeoutMs?: number;
}

/** Restarts the node and waits until it answers again with its own host key. */
export class RebootAction implements PostInstallAction<RebootInput> {
  readonly id = 'reboot';
  readonly title = 'restarts the node and waits for it';
  readonly place = 'node';
  readonly schema = z.literal(true, 'expected true').transform((): RebootInput => ({}));
  readonly method = {
    name: 'remote.reboot',
    input: (options: RebootInput = {}): RebootInput => options,
  } as const;

  inputs() {
    return {};
  }

  async perform({ timeoutMs }: RebootInput, { reboot }: ActionEnvironment): Promise<true> {
    await reboot(timeoutMs);
    return true;
  }
}
