// A simulated board in a process of its own, until its standard input ends: as a real one, it shares no event loop with a run.
// Argument: its folder. Prints one JSON object when it is there: what a configuration says of it.
import { text } from 'node:stream/consumers';
import { startVirtualBoard } from '@turingpi/virtual-board';

/** A module's bring-up takes 6.5 s on the real board, its disk takes 11 MB a second: both are this much faster here. */
const SCALE = 12;
/** What the image has of the 2.5 GB of a real one. */
const EMMC_BYTES_PER_SECOND = 8 << 20;

const [, , dir = ''] = process.argv;
await using board = await startVirtualBoard({
  dir,
  clock: { scale: SCALE },
  emmcSizeBytes: 96 << 20,
  emmcBytesPerSecond: EMMC_BYTES_PER_SECOND,
  httpPort: 'off',
});
const { https, publicKeyPin } = board;
const nodes = board.nodes.map(({ id, ssh }) => ({ id, ssh }));
process.stdout.write(`${JSON.stringify({ https, publicKeyPin, nodes })}\n`);
await text(process.stdin);
