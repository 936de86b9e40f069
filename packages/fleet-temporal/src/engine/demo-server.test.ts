import { expect, it } from 'vitest';
import { startDemoServer } from './demo-server.js';

it.each([{}, { PATH: '/nowhere:' }, { TEMPORAL_PROGRAM: '/nowhere/temporal', PATH: '/usr/bin' }])(
  'a demonstration with %j tells which program is missing',
  async (environment) => {
    const { signal } = new AbortController();
    await expect(startDemoServer({ directory: '/nowhere', environment, signal })).rejects.toMatchObject({
      code: 'FLEET_PROGRAM_MISSING',
      hint: expect.stringContaining('TEMPORAL_PROGRAM') as string,
    });
  },
);
