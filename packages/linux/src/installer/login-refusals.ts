import { describeTarget, RuntimeError, type SshAttempt, type SshTarget } from '@turingpi/runtime';
import type { FirstBoot } from '../first-boot/first-boot.js';
import type { ConsoleWatch } from './console-watch.js';

/**
 * How long a login may be refused while the boot goes on: until the system is up, sshd turns ordinary users away,
 * although their accounts are in the image.
 */
export const REFUSED_WHILE_BOOTING_MS = 60_000;
/** How long it may be refused when the console tells nothing. */
const REFUSED_IN_SILENCE_MS = 20_000;
const SILENCE_MS = 10_000;
const REFUSALS_AFTER_FIRST_BOOT = 2;

/** Tells a login that is refused for good from one that comes too early. */
export class LoginRefusals {
  #since: number | undefined;
  #afterFirstBoot = 0;

  constructor(
    private readonly target: SshTarget,
    private readonly watch: ConsoleWatch,
    private readonly firstBoot: FirstBoot,
  ) {}

  /** Told of every failed attempt; @returns whether waiting any longer is useless. */
  isFinal({ code, elapsedMs }: SshAttempt): boolean {
    if (code !== 'SSH_AUTH_REFUSED') {
      this.#since = undefined;
      this.#afterFirstBoot = 0;
      return false;
    }
    this.#since ??= elapsedMs;
    // One attempt may have begun before the end of the boot.
    if (this.watch.isFirstBootOver(this.firstBoot)) this.#afterFirstBoot += 1;
    if (this.#afterFirstBoot >= REFUSALS_AFTER_FIRST_BOOT) return true;
    return elapsedMs - this.#since >= REFUSED_IN_SILENCE_MS && this.watch.silentForMs >= SILENCE_MS;
  }

  failure({ message, elapsedMs }: SshAttempt): RuntimeError {
    return new RuntimeError(
      'SSH_AUTH_REFUSED',
      `${describeTarget(this.target)} is up and goes on refusing the login: ${message}`,
      {
        hint: 'Does ssh.privateKey belong to one of the sshKeys in the image, and does the image let in by password?',
        details: { waitedMs: Math.round(elapsedMs) },
      },
    );
  }
}
