import { inMemory, shared as base } from '../../../vitest.config.js';

/** Not part of the ordinary run: `npm run trust-test`. */
export default {
  ...base,
  test: {
    ...base.test,
    setupFiles: inMemory,
    include: ['test/fault/trust/trust.cells.ts'],
    reporters: ['./test/fault/trust/table-reporter.ts'],
    maxConcurrency: 8,
  },
};
