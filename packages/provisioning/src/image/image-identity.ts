import type { CustomizedImage, Node } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import type { ImageSecrets } from '../generation/image-secrets.js';
import type { InstallationRecord } from '../generation/installation-record.js';
import { canBeAsked } from '../installation/ask-node.js';
import type { OperatingSystem } from '../os/operating-system.js';

/** Which image it is, and how a node that runs it is known. */
export type ImageIdentity = Pick<CustomizedImage, 'os' | 'hostname' | 'hostKeys'> &
  Required<Pick<CustomizedImage, 'node' | 'generation' | 'installationId' | 'recipe'>>;

interface MadeOf {
  readonly secrets: ImageSecrets;
  readonly generation: number;
}

/** As it is on record. */
export function imageIdentity(
  node: Node,
  system: OperatingSystem,
  { secrets, generation, hostname }: MadeOf & { readonly hostname: string },
): ImageIdentity {
  const { hostKeys, installationId } = secrets;
  return {
    os: system.id,
    hostname,
    // What cannot be asked answers with none of them.
    hostKeys: canBeAsked(system) ? hostKeys.map(({ publicKey }) => publicKey) : [],
    ...{ node: nodeName(node.id), generation, installationId, recipe: system.recipe },
  };
}

/** As the image says it of itself. */
export function installationOfImage(
  node: Node,
  { recipe }: OperatingSystem,
  { secrets, generation, inputs }: MadeOf & Pick<InstallationRecord, 'inputs'>,
): InstallationRecord {
  const { installationId, boardId } = secrets;
  return {
    ...{ id: installationId, node: nodeName(node.id), board: node.config.board },
    ...(boardId !== undefined && { boardId }),
    ...{ generation, recipe, inputs },
  };
}
