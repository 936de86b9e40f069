import { shared as base } from '../../../vitest.config.js';

/** Not part of the ordinary run: `npm run crash-test`. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/fault/crash/*.cells.ts'],
    reporters: ['./test/fault/crash/killed-reporter.ts'],
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 3 * 3_600_000,
    retry: 0,
  },
};
