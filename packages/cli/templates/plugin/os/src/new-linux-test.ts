import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshRuntime } from '@turingpi/runtime';
import { NewLinuxOs } from './new-linux-os.js';

await test('plans the banner that the configuration says, so that another one makes another image', () => {
  const bannerOf = (newLinux?: object) => {
    const system = new NewLinuxOs({} as SshRuntime, { contributed: { newLinux } });
    const network = { hostname: 'node1' };
    const asked = {
      board: 'cm4',
      network,
      credentials: undefined,
      acceptMismatch: false,
      requiresRoot: false,
    };
    return system.plan(asked).banner;
  };
  assert.equal(bannerOf(), 'New linux');
  assert.equal(bannerOf({ banner: 'hello' }), 'hello');
});
