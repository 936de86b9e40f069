import { shared as base } from '../../../vitest.config.js';

/** Not part of the ordinary run: `npm run fleet-test`. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/fault/fleet/*.cells.ts'],
    reporters: ['./test/fault/fleet/fleet-reporter.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 240_000,
    retry: 0,
  },
};
