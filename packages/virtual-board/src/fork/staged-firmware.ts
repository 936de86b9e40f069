import { readdir } from 'node:fs/promises';
import type { ApiType } from '../api/api-context.js';
import { envelope } from '../http/reply.js';
import type { Query } from '../http/query.js';
import { RequestError } from '../http/request-error.js';

/** A file of this name carries the version that it holds; of another none is known. */
const VERSION_IN_NAME = /^tp2-bmc-firmware-ota-(.+)\.tpu$/;

/** What is staged for the next boot; undefined when nothing is. */
async function stagedFile(firmwareDir: string): Promise<string | undefined> {
  const files = await readdir(firmwareDir).catch(() => []);
  return files.find((file) => !file.endsWith('.part'));
}

/**
 * A second firmware is refused until the first was taken, or it is forced
 * (docs/reference/bmc-protocol.md, "Fork: firmware").
 */
export async function refuseSecondFirmware(
  { firmwareDir }: { readonly firmwareDir: string },
  query: Query,
): Promise<void> {
  if (query.get('type') !== 'firmware' || query.get('force') === '1') return;
  const staged = await stagedFile(firmwareDir);
  if (staged === undefined) return;
  const version = VERSION_IN_NAME.exec(staged)?.[1] ?? staged;
  throw new RequestError(
    409,
    `${version} is already staged for the next boot; reboot to take it, or pass force=1 to replace it`,
  );
}

/** `type=firmware_slots`: what runs, what was before, what waits. */
export const firmwareSlots: ApiType = {
  on: (profile) => profile.fork !== undefined,
  get: async ({ profile, firmwareDir }) => {
    const file = await stagedFile(firmwareDir);
    const version = file === undefined ? undefined : VERSION_IN_NAME.exec(file)?.[1];
    return envelope({
      last_promotion: null,
      nextboot: null,
      present: true,
      promotion_history: { attempts: 0, promoted: 0, rolled_back: 0 },
      rollback: { size_bytes: 38_432_768, version: null, volume: 'rootfs_prev', volume_id: 1 },
      running: {
        size_bytes: 38_535_168,
        version: profile.fork?.firmwareVersion,
        volume: 'rootfs',
        volume_id: 3,
      },
      staged:
        file === undefined
          ? null
          : { file, sha256: null, source: 'upload', staged_at: null, version: version ?? null },
      update_staged: file !== undefined,
    });
  },
};
