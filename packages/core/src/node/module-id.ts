import { nodeArgument } from '@turingpi/foundation';
import { IdentityError } from '../errors/identity-error.js';
import type { Node } from './node.js';

/** What tells one compute module from another, as far as the system that runs on it can read it. */
export interface ModuleId {
  /** Serial number of the module. */
  readonly serial?: string | undefined;
  /** Identification of its built-in storage (CID of an eMMC), hex. */
  readonly disk?: string | undefined;
}

/**
 * What differs between two modules, in words; undefined where nothing that both tell does. What only one of them tells
 * proves nothing.
 */
export function moduleDifference(recorded: ModuleId, found: ModuleId): string | undefined {
  const facts = { serial: 'serial number', disk: 'storage' } as const;
  const differences = (['serial', 'disk'] as const)
    .filter((fact) => recorded[fact] !== undefined && found[fact] !== undefined)
    .filter((fact) => recorded[fact] !== found[fact])
    .map((fact) => `its ${facts[fact]} was ${String(recorded[fact])} and is ${String(found[fact])}`);
  return differences.length === 0 ? undefined : differences.join(', ');
}

/** The error for a module that is another one than that of the records. */
export function moduleChanged(
  { id, hostname, board }: Pick<Node, 'id' | 'hostname' | 'board'>,
  difference: string,
  details: { readonly recorded: ModuleId; readonly found: ModuleId },
): IdentityError {
  return new IdentityError(
    'MODULE_CHANGED',
    `${hostname} (node ${id}) runs on another module than the records are about: ${difference}`,
    {
      hint:
        `Nothing was changed. \`turingpi adopt ${nodeArgument(id, board)}\` takes this module for yours; ` +
        `\`turingpi reinstall ${nodeArgument(id, board)}\` erases it and installs it anew.`,
      details: { node: id, recorded: { ...details.recorded }, found: { ...details.found } },
    },
  );
}
