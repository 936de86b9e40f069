import { defaultServerConditions } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// `module` is of bundlers: what packages have there need not run in Node.js, which does not know it.
const conditions = ['@turingpi/source', ...defaultServerConditions.filter((name) => name !== 'module')];

/** What all runs of tests share; the configurations beneath `test` begin with it. */
export const shared = {
  oxc: { decorator: { legacy: true } }, // test files are outside the build projects: say it here
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
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
} satisfies ViteUserConfig;

const { exclude } = shared.test;
/** Tests that replace a module, which has to be one that no other file has loaded. */
const mocking = 'packages/runtime/src/ssh/reboot-node.test.ts';

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...exclude, '**/*.system.test.ts', mocking],
          isolate: false, // they keep nothing: one process for many saves loading the packages three hundred times
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: [mocking, 'test/**/*.test.ts'],
          exclude: [...exclude, '**/*.system.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'system', // with programs of the system: servers, filesystems, browsers, nodes in namespaces
          include: ['**/*.system.test.ts'],
        },
      },
    ],
  },
});
