import { isIP } from 'node:net';
import type { TuringPi } from '@turingpi/core';
import { docsPage } from '@turingpi/foundation';

/** The assumptions about real hardware: as many as `docs/hardware-checklist.md` lists, and has confirmed. */
export const HARDWARE_ASSUMPTIONS = { confirmed: 0, all: 21 } as const;

/**
 * What the owner of a real board is told before anything was ever installed on it: that he may be the first.
 *
 * @returns Undefined when something was installed before, and for an address of this computer, where simulated boards are.
 */
export async function untriedHardwareNote(
  cluster: Pick<TuringPi, 'config' | 'status'>,
): Promise<string | undefined> {
  if (isThisComputer(cluster.config.ip)) return undefined;
  const wasInstalled = [...(await cluster.status()).values()].some(
    ({ os_installation: { status, erased } }) => status === 'completed' || erased === true,
  );
  if (wasInstalled) return undefined;
  const { confirmed, all } = HARDWARE_ASSUMPTIONS;
  return (
    'this program was tested on a simulator only: no physical board has run it, and of its ' +
    `${all} assumptions about hardware ${confirmed} are confirmed (${docsPage('hardware-checklist')}). Use modules whose contents you can lose.`
  );
}

function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
