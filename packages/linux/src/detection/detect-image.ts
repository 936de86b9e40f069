import type { ImageFiles } from '@turingpi/image';
import { isMap, parseDocument } from 'yaml';
import { detectFamily, familyOf } from '../family/families.js';
import { isOemConfigDue } from '../first-boot/oem-config.js';
import { detectBoard } from './detect-board.js';
import { detectCloudInit } from './detect-cloud-init.js';
import { detectDistribution } from './detect-distribution.js';
import { detectNetwork } from './detect-network.js';
import type {
  BoardFamily,
  DetectedImage,
  Distribution,
  ImageFamily,
  ImagePartitions,
  SeedPlace,
} from './detected-image.js';

/** Whether the shipped seed makes cloud-init expire a password. */
async function seedExpiresPassword(seed: SeedPlace | undefined): Promise<boolean> {
  const document = parseDocument((await seed?.files.readText(`${seed.directory}/user-data`)) ?? '');
  if (document.errors.length > 0 || !isMap(document.contents)) return false;
  // cloud-init's default is to expire; without passwords there is nothing to expire.
  return (
    document.has('chpasswd') && document.getIn(['chpasswd', 'expire']) !== false && hasPasswords(document)
  );
}

function hasPasswords(document: ReturnType<typeof parseDocument>): boolean {
  return (
    document.has('password') || document.hasIn(['chpasswd', 'list']) || document.hasIn(['chpasswd', 'users'])
  );
}

async function firstLoginOf(
  root: ImageFiles,
  family: ImageFamily,
  seed: SeedPlace | undefined,
): Promise<DetectedImage['firstLogin']> {
  const wizard = await familyOf(family).wizard?.(root);
  if (wizard !== undefined) return wizard;
  if (await isOemConfigDue(root)) return 'oem-config-wizard';
  if (await seedExpiresPassword(seed)) return 'expired-password';
  const shadow = (await root.readText('/etc/shadow')) ?? '';
  // The third field is the day of the last change; 0 forces one at the next login (shadow(5)).
  return shadow.split('\n').some((line) => /^[^:]+:\$[^:]+:0:/.test(line)) ? 'expired-password' : 'none';
}

function interfaceOf(
  family: ImageFamily,
  distribution: Distribution,
  board: BoardFamily,
): { name?: string; reason: string } {
  const { wiredInterface } = familyOf(family);
  if (wiredInterface) return wiredInterface;
  if (board === 'rockchip-rk3588')
    return {
      reason:
        Number.parseFloat(distribution.version) < 23 && distribution.id === 'ubuntu'
          ? 'probably eth0 (systemd before 251)'
          : 'probably end0 (systemd 251 and later)',
    };
  return { reason: 'depends on the kernel' };
}

/**
 * Looks into an image and says what it is.
 *
 * @throws LinuxError `OS_UNKNOWN` when no distribution is recognised.
 */
export async function detectImage(partitions: ImagePartitions): Promise<DetectedImage> {
  const { root } = partitions;
  const distribution = await detectDistribution(root);
  const { board, reason: boardReason } = await detectBoard(partitions);
  let firmware: ImageFiles | undefined;
  if (board === 'raspberry-pi')
    for (const { files } of partitions.others)
      if (!firmware && (await files.exists('/config.txt'))) firmware = files;
  const cloudInit = await detectCloudInit(partitions, firmware);
  const family = await detectFamily({ root, distribution, board, cloudInit: cloudInit.state });
  const wired = interfaceOf(family, distribution, board);
  return {
    distribution,
    family,
    board,
    boardReason,
    cloudInit,
    network: await detectNetwork(root),
    firstLogin: await firstLoginOf(root, family, cloudInit.seed),
    interfaceName: wired.name,
    interfaceReason: wired.reason,
    firmware,
  };
}
