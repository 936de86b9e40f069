import { HttpsBmcClient } from '@turingpi/bmc';
import { Secret, silentLogger } from '@turingpi/foundation';

const [host = 'turingpi.local', port = '443', publicKeyPin = 'the key'] = process.argv.slice(2);
const board = new HttpsBmcClient({
  endpoint: { host, port: Number(port), httpPort: 80 },
  credentials: { username: 'root', password: new Secret('turing') },
  pins: { publicKeyPin },
  cacheDir: 'cache',
  logger: silentLogger,
});
await board.power.off(1);
console.log((await board.power.get())[1]); // → off
