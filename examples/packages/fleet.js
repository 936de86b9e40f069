import { EmbeddedOrchestrator } from '@turingpi/fleet';

// What an agent does, without any board: a real one opens the configuration of its site.
const done = async () => ({ outcome: 'done', digests: {}, ids: {} });
const steps = { plan: async () => [], customise: done, install: done, postInstall: done };

const fleet = new EmbeddedOrchestrator({ agents: [{ id: 'a', site: 'north', steps }] });
const limits = { customise: 1, install: 1, postInstall: 4 };
const board = (name) => ({ board: name, site: 'north', nodes: [{ node: 1, plan: '0'.repeat(64) }] });
await fleet.start({
  id: 'first',
  sites: [{ id: 'north', limits }],
  boards: [board('rack1'), board('rack2')],
  reinstall: false,
  policy: { atOnce: 1, windows: [], retry: { attempts: 3, firstDelayMs: 5000, maxDelayMs: 300_000 } },
});
const { outcome } = await fleet.ended('first', AbortSignal.timeout(10_000));
console.log(outcome); // → completed
await fleet[Symbol.asyncDispose]();
