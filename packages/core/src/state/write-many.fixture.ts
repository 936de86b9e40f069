// Run in a child process: writes many records of one node, one after the other.
// Arguments: the state file, the node, how many.
import type { NodeName } from '@turingpi/foundation';
import { PHASES } from '../phase/phase.js';
import { FileStateStore } from './file-state-store.js';

const [location = '', node = '', count = '0'] = process.argv.slice(2);
const store = new FileStateStore(location);
for (let round = 1; round <= Number(count); round += 1)
  for (const phase of PHASES)
    await store.amend(node as NodeName, (phases) => ({
      ...phases,
      [phase]: {
        status: 'completed',
        timestamp: new Date().toISOString(),
        output: { rounds: Number(phases?.[phase]?.output?.['rounds'] ?? 0) + 1 },
      },
    }));
