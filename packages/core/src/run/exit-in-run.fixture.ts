// Run in a child process: leaves in the middle of a run, as a command does at the second Ctrl-C.
// Arguments: the cache directory.
import { killableConfig } from '../cluster/killable-workflow.fixture.js';
import { createTuringPi } from '../cluster/create-turing-pi.js';

const [directory = ''] = process.argv.slice(2);
const cluster = await createTuringPi(killableConfig(directory), { approve: 'all' });
await cluster.runAll(cluster.run(async () => process.exit(130)));
