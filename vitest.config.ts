import { defaultServerConditions } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// `module` is of bundlers: what packages have there need not run in Node.js, which does not know it.
const conditions = ['@turingpi/source', ...defaultServerConditions.filter((name) => name !== 'module')];

/** What every file of tests has. */
const setupFiles = [
  `${import.meta.dirname}/test/support/judge/judge-every-test.ts`,
  `${import.meta.dirname}/test/support/home/own-user-directories.ts`,
];
/** The same, with temporary files in memory; before the others, which use it. */
export const inMemory = [
  `${import.meta.dirname}/test/support/home/temporary-files-in-memory.ts`,
  ...setupFiles,
];

/** What all runs of tests share; the configurations beneath `test` begin with it. */
export const shared = {
  oxc: { decorator: { legacy: true } }, // test files are outside the build projects: say it here
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    exclude: ['**/node_modules/**', '**/dist/**', 'test/boot/**'],
    setupFiles,
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
/** Beside what they test as units are, but with whole images, nodes or what is slow on purpose: seconds each. */
const beside = 'packages/*/src/**/*.whole.test.ts';

/**
 * What somebody does from the beginning to the end, with what is published or with programs of their own: a stage of its own
 * in CI (`npm run test:journeys`), and not part of `npm test`.
 */
const journeys = [
  'test/e2e/demo/*.test.ts',
  'test/e2e/examples/*.test.ts',
  'test/e2e/first-login/*.test.ts',
  'test/e2e/init/*.test.ts',
  // From a file to finished nodes, and again: by processes of their own, on a board that is replaced, one node after another.
  'test/e2e/up/two-processes.test.ts',
  'test/e2e/up/fork-board.test.ts',
  'test/e2e/up/rolling-reinstall.test.ts',
  'test/fault/aborts/*.test.ts',
  'test/plugins/newcomer.test.ts',
  'test/plugins/published-packages.test.ts',
];
/** Most of the time these wait: for a board that writes, a node that boots, the next look of a program. */
const waiting = {
  maxWorkers: 4,
  sequence: { groupOrder: 1 }, // after the units, which keep both processors busy
  testTimeout: 120_000, // of those that do not wait each has half of a processor
  hookTimeout: 120_000,
};

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    setupFiles: [], // each project has its own
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          setupFiles: inMemory,
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...exclude, '**/*.system.test.ts', beside, mocking],
          maxWorkers: 3, // two processors have work while some of them wait
          isolate: false, // they keep nothing: one process for many saves loading the packages three hundred times
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          setupFiles: inMemory,
          include: [mocking, beside, 'test/**/*.test.ts'],
          exclude: [...exclude, '**/*.system.test.ts', ...journeys],
          ...waiting,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          setupFiles: inMemory,
          include: journeys,
          exclude: [...exclude, '**/*.system.test.ts'],
          ...waiting,
        },
      },
      {
        extends: true,
        test: {
          name: 'system', // with programs of the system: servers, filesystems, browsers, nodes in namespaces
          setupFiles,
          include: ['**/*.system.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
