/** A moment of a boot that its serial console shows. */
export type BootMomentKind =
  'bootloader' | 'kernel' | 'kernel-panic' | 'emergency-mode' | 'cloud-init-finished' | 'login-prompt';

/** A recognised line. */
export interface BootMoment {
  readonly kind: BootMomentKind;
  /** The line, without ANSI sequences and control characters. */
  readonly line: string;
}

const MOMENTS: readonly (readonly [BootMomentKind, RegExp])[] = [
  ['kernel-panic', /Kernel panic - not syncing/],
  ['emergency-mode', /\bemergency mode\b|^\(initramfs\)|Give root password for maintenance/i],
  ['cloud-init-finished', /\bCloud-init v\. \S+ finished at\b/i],
  ['kernel', /\bBooting Linux on physical CPU\b|\bLinux version \d/],
  [
    'bootloader',
    /^U-Boot (?:SPL |TPL )?\d{4}\.\d{2}|^DDR [Vv]ersion|^RPi: BOOTLOADER|^Raspberry Pi Bootcode/,
  ],
  ['login-prompt', /^[\w.-]+ login: ?$/],
];

// CSI and OSC sequences, then what other control characters remain.
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
// eslint-disable-next-line no-control-regex -- see above
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** A serial line may send binary noise without line ends; no line that means something is longer. */
const LONGEST_LINE = 4096;

/** Recognises what a node is doing from its serial console, in whatever pieces the text arrives. */
export class BootRecognizer {
  #partial = '';
  #promptSeen = '';

  /** Takes the next piece and returns what was recognised in it. */
  feed(text: string): readonly BootMoment[] {
    const lines = (this.#partial + text).split(/\r\n|\n|\r/);
    this.#partial = (lines.pop() ?? '').slice(-LONGEST_LINE);
    const moments = lines.flatMap((line) => {
      const moment = momentOf(line);
      const repeated = moment?.kind === 'login-prompt' && moment.line === this.#promptSeen;
      this.#promptSeen = '';
      return moment && !repeated ? [moment] : [];
    });
    // A prompt waits at the end of the text, without a line end.
    const waiting = momentOf(this.#partial);
    if (
      (waiting?.kind === 'login-prompt' || waiting?.kind === 'emergency-mode') &&
      waiting.line !== this.#promptSeen
    ) {
      this.#promptSeen = waiting.line;
      moments.push(waiting);
    }
    return moments;
  }
}

/** A console line without ANSI sequences and control characters. */
export function plainLine(line: string): string {
  return line.replaceAll(ANSI, '').replaceAll(CONTROL, '');
}

function momentOf(raw: string): BootMoment | undefined {
  const line = plainLine(raw.slice(-LONGEST_LINE)).trimStart();
  const found = MOMENTS.find(([, pattern]) => pattern.test(line));
  return found && { kind: found[0], line: line.trimEnd() };
}
