import type { Context } from '@turingpi/core/plugin';
import type { ImageSession } from '@turingpi/image/customization';
import {
  type AppliedSystem,
  type ApplyEnvironment,
  type SystemSecrets,
  writeInstallationRecord,
} from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';
import { hashPassword } from '../account/password-hash.js';
import { instanceIdOf } from '../cloud-init/seed.js';
import type { DetectedImage } from '../detection/detected-image.js';
import { checkEeprom } from '../eeprom/check-eeprom.js';
import { eepromRequirementOf } from '../eeprom/eeprom-requirement.js';
import { planNetwork } from '../network/network-plan.js';
import type { LinuxProfile } from '../profile/linux-profile.js';
import { checkSshServer } from '../ssh/ssh-server.js';
import { customizeImage } from './customize-image.js';
import type {} from './linux-image.js'; // declares the field
import { type LinuxPlan, withPassword } from './linux-plan.js';
import { recognizeImage } from './recognize-image.js';

/** The system whose image it is, and what its module is asked with. */
export interface LinuxParts {
  readonly profile: LinuxProfile;
  readonly ssh: SshRuntime;
}

/** What stands for the password's hash in an image that is only read from. */
const NO_HASH = '*';
const NO_INSTALLATION = 'turingpi';

/**
 * Makes an opened image what was planned.
 *
 * @throws LinuxError `OS_UNKNOWN`, `OS_MISMATCH`, `BOARD_MISMATCH`, `EEPROM_TOO_OLD`, and as {@link customizeImage}.
 */
export async function applyLinux(
  { profile, ssh }: LinuxParts,
  plan: LinuxPlan,
  session: ImageSession,
  { password, passwordSalt, hostKeys }: SystemSecrets,
  environment: ApplyEnvironment,
): Promise<AppliedSystem> {
  const { context, installation, signal, progress, logger } = environment;
  const { boardType, acceptMismatch, requiresSudo } = plan;
  if (installation) progress({ activity: 'look into the image' });
  const { partitions, detected } = await recognizeImage(session, { profile, boardType, acceptMismatch });
  if (installation) {
    describe(detected, session, context);
    const requirement = eepromRequirementOf(detected, boardType);
    await checkEeprom(requirement, context, ssh, { signal, progress, logger, acceptMismatch });
    progress({ activity: 'customise' });
  }
  const network = planNetwork(plan.network);
  const result = await customizeImage(partitions, detected, {
    network,
    credentials: withPassword(plan, password),
    passwordHash: password && (installation ? hashPassword(password, passwordSalt) : NO_HASH),
    hostKeys,
    profile,
    requiresSudo,
    instanceId: installation ? instanceIdOf(network.hostname, installation.id) : NO_INSTALLATION,
  });
  if (installation) await writeInstallationRecord(partitions.root, installation);
  const { login, resetIdentity, notices, username, firstBoot } = result;
  if (resetIdentity.length > 0)
    logger.info(
      { files: resetIdentity },
      'the image has booted before: each node gets an identity of its own',
    );
  return {
    notices,
    verify: async () => {
      if (login) await checkSshServer(partitions.root, login);
    },
    record: { linux: { username, family: detected.family, firstBoot, network: detected.network.stack } },
  };
}

function describe(detected: DetectedImage, session: ImageSession, { logger, node }: Context): void {
  const { distribution, family, board, boardReason } = detected;
  logger.info(
    {
      distribution: distribution.name,
      family,
      board,
      boardReason,
      network: detected.network.reason,
      cloudInit: detected.cloudInit.reason,
      backend: session.backendReason,
    },
    'image recognised',
  );
  if (board === 'unknown')
    logger.warn({ board: node.config.board }, 'the image does not say for which board it was made');
}
