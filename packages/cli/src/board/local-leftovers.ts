import type { Finding } from '@turingpi/bmc';
import { findLeftovers, type FindLeftoversOptions, removeLeftovers } from '@turingpi/image';
import type { Leftover, LeftoverContainers } from '@turingpi/image/backend';
import type { ImageBackend } from '@turingpi/image/customization';

/** A finding about this computer rather than the board. */
export type LocalFinding = Omit<Finding, 'code' | 'repair'> & { readonly code: 'LOCAL_LEFTOVERS' };

/** What killed runs left on this computer: files, mounts, loop devices, containers. */
export class LocalLeftovers {
  readonly #options: FindLeftoversOptions;

  /**
   * @param directories - the cache, and where images are saved
   * @param backends - may have left containers
   */
  constructor(directories: readonly string[], backends: readonly ImageBackend[]) {
    this.#options = { directories, containers: new BackendLeftovers(backends) };
  }

  async find(): Promise<readonly LocalFinding[]> {
    const found = await findLeftovers(this.#options);
    if (found.length === 0) return [];
    const list = found.map(({ kind, name, pid }) => `${kind} ${name} of process ${pid}`).join(', ');
    return [
      {
        code: 'LOCAL_LEFTOVERS',
        severity: 'note',
        message: `runs that were killed left something on this computer: ${list}`,
        hint: '`turingpi doctor --fix` removes it.',
        fixable: true,
      },
    ];
  }

  /** @returns what was done, one line each; what could not be removed says why */
  async remove(): Promise<readonly string[]> {
    const { removed, failed } = await removeLeftovers(this.#options);
    return [
      ...removed.map(({ kind, name }) => `removed ${kind} ${name}`),
      ...failed.map(({ leftover: { kind, name }, why }) => `could not remove ${kind} ${name}: ${why}`),
    ];
  }
}

/** What the backends have left, each removed by the one that found it. */
class BackendLeftovers implements LeftoverContainers {
  readonly #finders = new Map<string, LeftoverContainers>();

  constructor(private readonly backends: readonly ImageBackend[]) {}

  async find(): Promise<Leftover[]> {
    const found: Leftover[] = [];
    for (const backend of this.backends) {
      const leftovers = await backend.leftovers?.();
      if (leftovers === undefined) continue;
      for (const leftover of await leftovers.find()) {
        this.#finders.set(leftover.name, leftovers);
        found.push(leftover);
      }
    }
    return found;
  }

  async remove(id: string): Promise<void> {
    await this.#finders.get(id)?.remove(id);
  }
}
