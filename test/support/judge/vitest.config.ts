import { shared as base } from '../../../vitest.config.js';

/** A run that has to fail: `judge.test.ts` starts it. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/support/judge/unapproved.cells.ts'],
    retry: 0,
    reporters: ['default'],
  },
};
