// Run in a child process that is going to be killed: provisions node 1 and stays in one phase for ever.
// Arguments: the cache directory, and the phase (for the last one: in its second action).
import { createTuringPi } from './create-turing-pi.js';
import { killableConfig, killableWorkflow } from './killable-workflow.fixture.js';

const [directory = '', phase = ''] = process.argv.slice(2);
const cluster = await createTuringPi(killableConfig(directory), { approve: 'all' });
const provision = cluster.run(
  killableWorkflow({
    enter: async (place) => {
      if (place !== phase) return;
      process.stdout.write('inside\n');
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
    },
  }),
);
await provision(1);
