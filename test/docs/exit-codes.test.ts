import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BmcError } from '../../packages/bmc/src/errors/bmc-error.js';
import { UsbHostError } from '../../packages/usb-host/src/usb-host-error.js';
import { exitCodeOf } from '../../packages/cli/src/process/exit-codes.js';
import { UsageError } from '../../packages/cli/src/process/usage-error.js';
import { ConfigError } from '../../packages/core/src/errors/config-error.js';
import { ErasureError } from '../../packages/foundation/src/erasure/erasure-error.js';
import { IdentityError } from '../../packages/core/src/errors/identity-error.js';
import { PhaseError } from '../../packages/core/src/errors/phase-error.js';
import { PluginError } from '../../packages/core/src/errors/plugin-error.js';
import { StateError } from '../../packages/core/src/errors/state-error.js';
import { DashboardError } from '../../packages/dashboard/src/dashboard-error.js';
import { DockerError } from '../../packages/image-docker/src/docker-error.js';
import { ImageError } from '../../packages/image/src/image-error.js';
import { LinuxError } from '../../packages/linux/src/linux-error.js';
import { RuntimeError } from '../../packages/runtime/src/runtime-error.js';
import { MachineError } from '../../packages/virtual-node/src/qemu/machine-error.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFile(path.join(ROOT, file), 'utf8');

/** Rows of the table of exit codes: the code, and the errors that it is for. */
const rows = [...(await read('docs/errors.md')).matchAll(/^\| (\d+) +\|[^|]*\| ([^|]*)\|$/gm)].map(
  ([, code, errors]) => ({
    code: Number(code),
    errors: [...errors!.matchAll(/`([A-Z_\d*]+)`/g)].map(([, name]) => name!),
  }),
);

function documented(code: string): number {
  const named = rows.find(({ errors }) =>
    errors.some((name) => (name.endsWith('*') ? code.startsWith(name.slice(0, -1)) : code === name)),
  );
  return named?.code ?? 1;
}

type ErrorClass = new (code: never, message: string, options: { hint: string }) => Error;

describe('docs/errors.md says the exit code of every error', () => {
  it.each<[string, ErrorClass]>([
    ['bmc/src/errors/bmc-error-code.ts', BmcError],
    ['usb-host/src/usb-host-error.ts', UsbHostError],
    ['core/src/errors/config-error.ts', ConfigError],
    ['foundation/src/erasure/erasure-error.ts', ErasureError],
    ['core/src/errors/identity-error.ts', IdentityError],
    ['core/src/errors/phase-error.ts', PhaseError],
    ['core/src/errors/plugin-error.ts', PluginError],
    ['core/src/errors/state-error.ts', StateError],
    ['image-docker/src/docker-error.ts', DockerError],
    ['dashboard/src/dashboard-error.ts', DashboardError],
    ['image/src/image-error-code.ts', ImageError],
    ['linux/src/linux-error.ts', LinuxError],
    ['runtime/src/runtime-error-code.ts', RuntimeError],
    ['virtual-node/src/qemu/machine-error.ts', MachineError],
  ])('%s', async (file, ErrorClass) => {
    const source = await read(`packages/${file}`);
    const codes = [...source.matchAll(/(?:[<|]|type \w+ =)\s*'([A-Z][A-Z\d_]+)'/g)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(2);
    const exits = (exit: (code: string) => number) => codes.map((code) => `${code} ${exit(code)}`);
    expect(exits((code) => exitCodeOf(new ErrorClass(code as never, 'm', { hint: 'h' })))).toEqual(
      exits(documented),
    );
  });

  it('of the command line', () => {
    expect(rows.map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 130]);
    expect(exitCodeOf(new UsageError('m'))).toBe(documented('USAGE'));
  });
});
