import { randomUUID } from 'node:crypto';
import type { Context } from '@turingpi/core/plugin';
import { nodeName, Secret } from '@turingpi/foundation';
import { generateHostKeys, type HostKeyPair, type HostKeyType, parsePublicKey } from '@turingpi/runtime';
import { makePasswordSalt } from '../credential/password-salt.js';

/** What is random in an image, made once for a generation of a node, so that equal settings give equal bytes. */
export interface ImageSecrets {
  /** What an installation of the image is known by. */
  readonly installationId: string;
  readonly hostKeys: readonly HostKeyPair[];
  /** Salt for the hash of the first user's password. */
  readonly passwordSalt: string;
  /**
   * The board that they were made for, where it was known: no secret, but kept with them, because the same settings
   * must give the same bytes whether or not the board answers.
   */
  readonly boardId: string | undefined;
}

/** As they are kept: JSON, with the private keys in clear. */
interface KeptSecrets {
  readonly installationId: string;
  readonly passwordSalt: string;
  readonly boardId?: string;
  readonly hostKeys: readonly {
    readonly type: HostKeyType;
    readonly path: string;
    readonly privateKey: string;
    readonly publicKey: string;
  }[];
}

/** The secrets of a node's images in one generation, made at the first use and kept beside the state file. */
export async function imageSecretsOf(
  { node, generations, boardId }: Pick<Context, 'node' | 'generations' | 'boardId'>,
  generation: number,
): Promise<ImageSecrets> {
  const kept = await generations.secretsOf(generation, async () => {
    // Not the host name: it may change within a generation, and would be in bytes that are kept.
    const pairs = await generateHostKeys(undefined, { comment: `root@${nodeName(node.id).toLowerCase()}` });
    const board = await boardId();
    return {
      installationId: randomUUID(),
      passwordSalt: makePasswordSalt(),
      ...(board !== undefined && { boardId: board }),
      hostKeys: pairs.map(({ type, path, privateKey, publicKey }) => ({
        ...{ type, path, publicKey },
        privateKey: privateKey.reveal(),
      })),
    } satisfies KeptSecrets;
  });
  return {
    installationId: kept.installationId,
    passwordSalt: kept.passwordSalt,
    boardId: kept.boardId,
    hostKeys: kept.hostKeys.map(({ privateKey, ...pair }) => ({
      ...pair,
      privateKey: new Secret(privateKey),
      fingerprint: parsePublicKey(pair.publicKey).fingerprint,
    })),
  };
}
