import { randomUUID } from 'node:crypto';
import type { Context, CustomizedImage } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';

/** Which installation of a node this is. */
export interface InstallationIdentity {
  readonly id: string;
  readonly generation: number;
}

/** What an installation will be known by: as its image says, unless that was made for another node or installation. */
export async function installationIdentity(
  { node: own, generations }: Context,
  { node, generation, installationId }: CustomizedImage,
): Promise<InstallationIdentity> {
  const isOwn = node === nodeName(own.id) && installationId !== undefined && generation !== undefined;
  if (isOwn && !(await generations.wasInstalled(generation))) return { id: installationId, generation };
  return { id: randomUUID(), generation: await generations.next() };
}
