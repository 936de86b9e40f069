import { access } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { execa } from 'execa';
import { MachineError } from './machine-error.js';

const KEPT_ERROR_BYTES = 4096;

/**
 * Makes sure that the emulator can be run.
 *
 * @param debianPackage - that has it, for the hint
 * @throws MachineError `MACHINE_QEMU_MISSING`
 */
export async function requireQemu(program: string, debianPackage = 'qemu-system-x86'): Promise<void> {
  try {
    await execa(program, ['--version'], { stdin: 'ignore', timeout: 30_000 });
  } catch (cause) {
    throw missing(`${program} cannot be run.`, debianPackage, cause);
  }
}

/** Makes sure that there is a boot loader. @throws MachineError `MACHINE_QEMU_MISSING` */
export async function requireFirmware(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw missing(`There is no boot loader ${path}.`, 'u-boot-qemu', cause);
  }
}

function missing(message: string, debianPackage: string, cause: unknown): MachineError {
  const hint = `Install QEMU's system emulator with what it starts (Debian: ${debianPackage}), or use boot depth shell.`;
  return new MachineError('MACHINE_QEMU_MISSING', message, { cause, hint });
}

/** A running emulator: one node from power on to power off. */
export class QemuProcess {
  readonly #child: ReturnType<typeof start>;
  #errors = '';
  /** Fulfilled when it has ended, with what it complained about (empty for an orderly end). */
  readonly ended: Promise<string>;

  constructor(program: string, parameters: readonly string[], onConsole: (text: string) => void) {
    const decoder = new StringDecoder('utf8');
    this.#child = start(program, parameters);
    this.#child.stdin.on('error', () => undefined); // it may end while somebody types
    this.#child.stdout.on('data', (chunk: Buffer) => onConsole(decoder.write(chunk)));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-KEPT_ERROR_BYTES);
    });
    this.ended = this.#child.then(({ failed, exitCode, shortMessage }) => {
      if (!failed && exitCode === 0) return '';
      return this.#errors.trim() || (shortMessage ?? 'it ended without a word');
    });
  }

  /** Types on the serial console. */
  type(data: string): void {
    this.#child.stdin.write(data);
  }

  /** Cuts the power. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

function start(program: string, parameters: readonly string[]) {
  return execa(program, parameters, { buffer: false, reject: false, stdin: 'pipe' });
}
