import type { Finding } from '@turingpi/bmc';
import {
  DockerHost,
  DockerLeftovers,
  findLeftovers,
  type FindLeftoversOptions,
  removeLeftovers,
} from '@turingpi/image';

/** A finding about this computer rather than the board. */
export type LocalFinding = Omit<Finding, 'code' | 'repair'> & { readonly code: 'LOCAL_LEFTOVERS' };

/** What killed runs left on this computer: files, mounts, loop devices, containers. */
export class LocalLeftovers {
  readonly #options: FindLeftoversOptions;

  /** @param directories - the cache, and where images are saved */
  constructor(directories: readonly string[]) {
    this.#options = { directories, containers: new DockerLeftovers(new DockerHost()) };
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
