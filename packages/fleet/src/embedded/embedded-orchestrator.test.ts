import { describe, it } from 'vitest';
import { orchestratorCases } from '../conformance/orchestrator-cases.js';
import { EmbeddedOrchestrator } from './embedded-orchestrator.js';

describe('the embedded orchestrator', () => {
  const cases = orchestratorCases({
    open: (agents) => {
      const orchestrator = new EmbeddedOrchestrator({ agents });
      return Promise.resolve({
        orchestrator,
        [Symbol.asyncDispose]: () => orchestrator[Symbol.asyncDispose](),
      });
    },
  });
  for (const { name, run } of cases) it(name, run);
});
