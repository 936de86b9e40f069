import { definePlugin } from '@turingpi/core/plugin';
import { MemoryState, MemoryStateStore } from './memory-state-store.js';

export { MemoryState, MemoryStateStore } from './memory-state-store.js';

/** What this process knows, by the state file that a configuration would have. */
const states = new Map();

export default definePlugin({
  name: 'turingpi-state-memory',
  version: '0.1.0',
  stateStores: [
    {
      id: 'memory',
      summary: 'In the memory of this process; nothing is left when it ends.',
      open({ stateFile, now, timings }) {
        if (!states.has(stateFile)) states.set(stateFile, new MemoryState());
        const location = `memory of process ${process.pid}, for ${stateFile}`;
        return new MemoryStateStore(states.get(stateFile), { location, now, ttlMs: timings?.staleMs });
      },
    },
  ],
});
