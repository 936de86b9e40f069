import { HttpsBmcClient } from '@turingpi/bmc';
import { approveErasure, Secret, silentLogger } from '@turingpi/foundation';
import { flashableImage } from '@turingpi/image';

const [file = 'ubuntu.img.xz', host = 'turingpi.local', port = '443', publicKeyPin = 'the key'] =
  process.argv.slice(2);
const signal = AbortSignal.timeout(3_600_000);
const board = new HttpsBmcClient({
  endpoint: { host, port: Number(port), httpPort: 80 },
  credentials: { username: 'root', password: new Secret('turing') },
  pins: { publicKeyPin },
  cacheDir: 'cache',
  logger: silentLogger,
});

const image = await flashableImage(file, { cacheDir: 'cache', signal });
const permit = approveErasure({ node: 2 }); // all that is on the eMMC of node 2 is lost
const { format, rawSizeBytes } = await board.flashNode({ node: 2, image, permit, signal });
console.log(format, rawSizeBytes > 0); // → xz true
await board.switchOn(2, { signal });
