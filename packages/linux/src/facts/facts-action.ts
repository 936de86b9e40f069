import type { JsonValue } from '@turingpi/core/plugin';
import type { ActionEnvironment, PostInstallAction } from '@turingpi/provisioning';
import type { NodeFacts } from './node-facts.js';
import { readFacts } from './read-facts.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /**
     * What the node is made of: system, processor, memory, disks, interfaces, module.
     *
     * @remarks As every result it is on record: a later run gets what this one was told.
     */
    facts(): Promise<NodeFacts>;
  }
}

/** Asks the node what it is made of: for code, which can use it. */
export class FactsAction implements PostInstallAction<Record<string, never>> {
  readonly id = 'facts';
  readonly title = 'asks the node what it is made of';
  readonly place = 'node';
  readonly method = { name: 'remote.facts', input: () => ({}) } as const;

  inputs() {
    return {};
  }

  async perform(_input: unknown, { session, signal }: ActionEnvironment): Promise<JsonValue> {
    return (await readFacts(await session(), signal)) as unknown as JsonValue; // an interface, of which TypeScript does not see that it is data
  }
}
