import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// `module` is of bundlers: what packages have there need not run in Node.js, which does not know it.
const conditions = ['@turingpi/source', ...defaultServerConditions.filter((name) => name !== 'module')];

export default defineConfig({
  oxc: { decorator: { legacy: true } }, // test files are outside the build projects: say it here
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/boot/**'],
    setupFiles: [
      `${import.meta.dirname}/test/support/judge/judge-every-test.ts`,
      `${import.meta.dirname}/test/support/home/own-user-directories.ts`,
    ],
    mockReset: true,
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A shared CI machine may stand still for seconds; a test that fails twice in a row fails.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    reporters: ['default', './test/support/reporters/tally-reporter.ts'],
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
});
