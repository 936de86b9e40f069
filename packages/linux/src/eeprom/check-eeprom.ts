import type { Context, PhaseEnvironment } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { SSH_PORT, type SshRuntime } from '@turingpi/runtime';
import { authenticationFor, boardOf, sshTargetFor } from '@turingpi/provisioning';
import { LinuxError } from '../linux-error.js';
import { eepromOnConsole } from './eeprom-on-console.js';
import type { EepromRequirement } from './eeprom-requirement.js';
import { bootsFromEmmc, type EepromState, readEeprom } from './read-eeprom.js';

const CONNECT_MS = 10_000;
/** While an image is uploaded to another node the board answers nobody: what its console holds is not waited for. */
const CONSOLE_MS = 5000;
const UPDATE = "It is renewed over USB, with `rpiboot -d recovery` of Raspberry Pi's usbboot.";

/** What is known of an EEPROM, and how: a console may show another module's, or what it was before. */
interface KnownEeprom extends EepromState {
  readonly by: 'its system' | 'its console';
}

/**
 * Says before an image is made for a Compute Module whether it will boot there, as far as that can be known: the system
 * that still runs on the module is asked, where it is one of ours, and else the console, where the EEPROM prints on it.
 *
 * @throws LinuxError `EEPROM_TOO_OLD` when the module's own system says that it cannot boot the image, unless it is forced
 */
export async function checkEeprom(
  requirement: EepromRequirement | undefined,
  context: Context,
  ssh: SshRuntime,
  environment: Pick<PhaseEnvironment, 'signal' | 'progress' | 'logger'> & {
    readonly acceptMismatch: boolean;
  },
): Promise<void> {
  const { hostname, config } = context.node;
  if (config.board !== 'cm4') return;
  const { progress, logger, acceptMismatch } = environment;
  const warn = (note: string): void => {
    logger.warn({ board: 'cm4' }, note);
    progress({ activity: 'warning', note, warning: true });
  };
  const { built, bootOrder, by } = await stateOf(context, ssh, environment);
  logger.info({ built, bootOrder, by }, 'boot EEPROM of the module');
  const last = by === 'its console' ? ', as its console last showed' : '';
  if (bootOrder !== undefined && !bootsFromEmmc(bootOrder))
    warn(
      `the boot EEPROM of ${hostname} has BOOT_ORDER=${bootOrder}${last}, which leaves its eMMC out: what is installed there will not be started`,
    );
  if (!requirement) return;
  const { image, since } = requirement;
  const needs = `${image} boots only with a boot EEPROM of ${since} or later`;
  if (!built) {
    warn(`${needs}; that of ${hostname} is not known. ${UPDATE}`);
    return;
  }
  const day = built.toISOString().slice(0, 10);
  if (day >= since) return;
  const message = `${needs}, and that of ${hostname} is of ${day}${last}`;
  if (acceptMismatch || by === 'its console') {
    warn(by === 'its console' ? `${message}. ${UPDATE}` : message);
    return;
  }
  throw new LinuxError('EEPROM_TOO_OLD', message, {
    hint: `Nothing was changed. ${UPDATE} To take the image all the same: turingpi up --accept-image-mismatch, or withForce() of the image builder.`,
    details: { built: day, since, bootOrder },
  });
}

const UNKNOWN: EepromState = { built: undefined, bootOrder: undefined };

async function stateOf(
  context: Context,
  ssh: SshRuntime,
  { signal, logger }: Pick<PhaseEnvironment, 'signal' | 'logger'>,
): Promise<KnownEeprom> {
  const own = await askSystem(context, ssh, signal);
  if (own.built !== undefined || own.bootOrder !== undefined) return { ...own, by: 'its system' };
  const text = await readConsole(context, { signal, logger });
  return { ...eepromOnConsole(text), by: 'its console' };
}

/** What the board holds of the console; nothing when the board tells nothing now. */
async function readConsole(
  context: Context,
  { signal, logger }: Pick<PhaseEnvironment, 'signal' | 'logger'>,
): Promise<string> {
  const { node } = context;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(CONSOLE_MS)]);
  const operation = { node, logger, progress: () => undefined, signal: limited };
  try {
    return (await boardOf(context).readConsole?.(operation)) ?? '';
  } catch (error) {
    signal.throwIfAborted();
    if (!limited.aborted && !TuringPiError.is(error)) throw error;
    return '';
  }
}

/** What the module's own system says; nothing when it is not ours, does not answer or lets nobody in. */
async function askSystem(context: Context, ssh: SshRuntime, signal: AbortSignal): Promise<EepromState> {
  const installed = (await context.installedNode(context.node.id))?.installed;
  if (!installed || installed.hostKeys.length === 0) return UNKNOWN;
  const auth = await authenticationFor(context, { password: undefined, sshKeys: [] });
  const target = sshTargetFor(context, installed, auth);
  const { host, port = SSH_PORT, jump } = target;
  const { answer } = await ssh.askHostKey({ host, port, hostKeys: installed.hostKeys, jump }, { signal });
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
