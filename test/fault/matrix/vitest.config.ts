import { inMemory, shared as base } from '../../../vitest.config.js';

/** Not part of the ordinary run: `vitest run --config test/fault/matrix/vitest.config.ts`. */
export default {
  ...base,
  test: {
    ...base.test,
    setupFiles: inMemory,
    include: ['test/fault/matrix/*.cells.ts'],
    reporters: ['./test/fault/matrix/table-reporter.ts'],
    maxConcurrency: 10,
    testTimeout: 120_000,
  },
};
