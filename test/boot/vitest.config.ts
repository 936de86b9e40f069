import { shared as base } from '../../vitest.config.js';

/** Real boots in QEMU, not part of the ordinary run: `npm run test:boot`. Makes its images first, as root. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/boot/*.boot.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/boot/make-images.ts'],
    reporters: ['default', './test/boot/boot-reporter.ts'],
    maxConcurrency: 2,
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 40 * 60_000,
    hookTimeout: 30 * 60_000,
  },
};
