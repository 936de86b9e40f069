import type { Context, PhaseEnvironment } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { SSH_PORT, type SshRuntime } from '@turingpi/runtime';
import { authenticationFor, sshTargetFor } from '@turingpi/provisioning';
import { LinuxError } from '../linux-error.js';
import type { EepromRequirement } from './eeprom-requirement.js';
import { bootsFromEmmc, type EepromState, readEeprom } from './read-eeprom.js';

const CONNECT_MS = 10_000;
const UPDATE = "It is renewed over USB, with `rpiboot -d recovery` of Raspberry Pi's usbboot.";

/**
 * Says before an image is made for a Compute Module whether it will boot there, as far as that can be known: the system
 * that still runs on the module is asked, where it is one of ours.
 *
 * @throws LinuxError `EEPROM_TOO_OLD` when the module is known to be unable to boot the image, unless it is forced
 */
export async function checkEeprom(
  requirement: EepromRequirement | undefined,
  context: Context,
  ssh: SshRuntime,
  environment: Pick<PhaseEnvironment, 'signal' | 'progress' | 'logger'> & {
    readonly acceptMismatch: boolean;
  },
): Promise<void> {
  if (context.node.config.board !== 'cm4') return;
  const { progress, logger, acceptMismatch, signal } = environment;
  const warn = (note: string): void => {
    logger.warn({ board: 'cm4' }, note);
    progress({ activity: 'warning', note, warning: true });
  };
  const { built, bootOrder } = await stateOf(context, ssh, signal);
  logger.info({ built, bootOrder }, 'boot EEPROM of the module');
  if (bootOrder !== undefined && !bootsFromEmmc(bootOrder))
    warn(
      `the boot EEPROM of ${context.node.hostname} has BOOT_ORDER=${bootOrder}, which leaves its eMMC out: what is installed there will not be started`,
    );
  if (!requirement) return;
  const { image, since } = requirement;
  const needs = `${image} boots only with a boot EEPROM of ${since} or later`;
  if (!built) {
    warn(`${needs}; that of ${context.node.hostname} is not known. ${UPDATE}`);
    return;
  }
  const day = built.toISOString().slice(0, 10);
  if (day >= since) return;
  const message = `${needs}, and that of ${context.node.hostname} is of ${day}`;
  if (acceptMismatch) {
    warn(message);
    return;
  }
  throw new LinuxError('EEPROM_TOO_OLD', message, {
    hint: `Nothing was changed. ${UPDATE} To take the image all the same: turingpi up --force, or withForce() of the image builder.`,
    details: { built: day, since, bootOrder },
  });
}

const UNKNOWN: EepromState = { built: undefined, bootOrder: undefined };

/** What the module's own system says; nothing when it is not ours, does not answer or lets nobody in. */
async function stateOf(context: Context, ssh: SshRuntime, signal: AbortSignal): Promise<EepromState> {
  const installed = (await context.installedNode(context.node.id))?.installed;
  if (!installed || installed.hostKeys.length === 0) return UNKNOWN;
  const auth = await authenticationFor(context, { password: undefined, sshKeys: [] });
  const target = sshTargetFor(context, installed, auth);
  const { host, port = SSH_PORT } = target;
  const { answer } = await ssh.askHostKey({ host, port, hostKeys: installed.hostKeys }, { signal });
  if (answer !== 'expected') return UNKNOWN;
  try {
    await using session = await ssh.connect(target, { signal, connectTimeoutMs: CONNECT_MS });
    return await readEeprom(session, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!TuringPiError.is(error)) throw error;
    return UNKNOWN;
  }
}
