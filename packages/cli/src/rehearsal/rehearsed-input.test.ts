import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rehearsedInput, simulatedSlots } from './rehearsed-input.js';

const board = {
  https: { host: '127.0.0.1', port: 8443 },
  http: { host: '127.0.0.1', port: 8080 },
  publicKeyPin: 'sha256:pin',
  nodes: [{ id: 1, board: 'rk1', ssh: { host: '127.0.0.1', port: 2201 } }],
} as unknown as Parameters<typeof rehearsedInput>[1]['board'];
const place = { cacheDir: '/rehearsal/cache', board, password: 'simulated' };

describe('a configuration that is rehearsed', () => {
  it('has the simulated board, and nothing of the real one', () => {
    const { input, leftOut } = rehearsedInput(
      {
        ip: '192.0.2.90',
        cacheDir: '~/.cache/tpi',
        stateStore: 'postgres',
        bmc: { password: { env: 'REAL' }, certificateFingerprint: 'sha256:real' },
        node1: { ip: '192.0.2.91', board: 'rk1', protect: true, ssh: { host: 'jump', port: 22 } },
        node2: { ip: '192.0.2.92', board: 'usb-drive' },
        ssh: { privateKey: { env: 'KEY' } },
      },
      place,
    );
    expect(input).toEqual({
      ip: '127.0.0.1',
      cacheDir: '/rehearsal/cache',
      bmc: {
        port: 8443,
        httpPort: 8080,
        username: 'root',
        password: 'simulated',
        publicKeyPin: 'sha256:pin',
      },
      node1: { ip: '192.0.2.91', board: 'rk1', ssh: { host: '127.0.0.1', port: 2201 } },
      ssh: { privateKey: { env: 'KEY' } }, // as it is written: a reference
    });
    expect(leftOut).toEqual([
      expect.stringContaining('stateStore'),
      expect.stringContaining('protect'),
      expect.stringContaining('usb-drive'),
    ]);
  });

  it('neither runs programs here nor installs by another way than the controller, for any node', () => {
    const steps = [{ runLocal: ['rm', 'x'] }, { run: 'true' }];
    const part = { install: { strategy: 'rpiboot', skipBootWait: true }, postInstall: steps };
    const { input, leftOut } = rehearsedInput({ workflow: { ...part, nodes: { node1: part } } }, place);
    const changed = { install: { strategy: 'flash', skipBootWait: true }, postInstall: [{ run: 'true' }] };
    expect(input).toMatchObject({ workflow: { ...changed, nodes: { node1: changed } } });
    expect(leftOut).toHaveLength(4);
  });

  it('may be anything at all, and is left as wrong as it was', () => {
    fc.assert(
      fc.property(fc.anything(), (written) => {
        expect(simulatedSlots(written)).toHaveLength(4);
        expect(() => rehearsedInput(written, place)).not.toThrow();
      }),
    );
    expect(rehearsedInput({ node1: 'rk1' }, place).input).toMatchObject({ node1: 'rk1' });
  });
});

it('the slots hold what can be simulated', () => {
  const input = { node1: { board: 'cm4' }, node2: { board: 'usb-drive' }, node4: { board: 'rk1' } };
  expect(simulatedSlots(input).map(({ board: type }) => type)).toEqual(['cm4', undefined, undefined, 'rk1']);
});
