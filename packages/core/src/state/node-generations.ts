import type { NodeName } from '@turingpi/foundation';
import type { InstalledNode, JsonValue } from '../phase/phase.js';
import type { NodeSecretsStore } from './node-secrets.js';
import { standingInstallation } from './standing-installation.js';
import type { StateStore } from './state-store.js';

/** The installations of one node, counted, and the secrets that belong to each (docs/phases.md, "The state file"). */
export interface NodeGenerations {
  /**
   * The generation of an image that is made now for a new installation: one more than the newest that was written to
   * the node. An image that is made again for an installation that stands keeps the generation of its record.
   */
  next(): Promise<number>;
  /** Secrets of one generation, made once and kept. @see NodeSecretsStore.secretsOf */
  secretsOf<T extends JsonValue>(generation: number, make: () => Promise<T>): Promise<T>;
  /** Whether an installation of this generation was completed: another one needs a new generation. */
  wasInstalled(generation: number): Promise<boolean>;
  /** The installation that the node is recorded to have; undefined when there is none, or one is under way. */
  standing(): Promise<InstalledNode | undefined>;
  /** Notes that a generation is about to be written to the node. To be called before the first byte is. */
  writing(generation: number): Promise<void>;
  /** Notes that the installation of a generation is completed. */
  installed(generation: number): Promise<void>;
  /** The random key for digests of what is secret and easy to guess, the same for all nodes of a state file. */
  digestKey(): Promise<Buffer>;
}

/**
 * Counts a node's installations by what the state file and the file of secrets say: when one of them is lost, the
 * other one is enough to give no number twice.
 */
export function generationsOf(node: NodeName, secrets: NodeSecretsStore, state: StateStore): NodeGenerations {
  const recordOf = async () => (await state.load())[node]?.os_installation;
  const recorded = async (): Promise<number> => {
    const record = await recordOf();
    const generation = record?.generation ?? record?.output?.['generation'];
    return typeof generation === 'number' ? generation : 0;
  };
  return {
    next: async () => Math.max((await secrets.marksOf(node)).written, await recorded()) + 1,
    secretsOf: (generation, make) => secrets.secretsOf(node, generation, make),
    wasInstalled: async (generation) =>
      generation <= Math.max((await secrets.marksOf(node)).installed, await recorded()),
    standing: async () =>
      standingInstallation(await recordOf())?.output as unknown as InstalledNode | undefined,
    writing: (generation) => secrets.mark(node, { written: generation }),
    installed: (generation) => secrets.mark(node, { installed: generation }),
    digestKey: () => secrets.digestKey(),
  };
}
