import path from 'node:path';
import { HttpsBmcClient } from '@turingpi/bmc';
import { Secret, silentLogger } from '@turingpi/foundation';

/** What a process that is measured is given as arguments, in this order. */
export interface BenchArguments {
  /** File of the image. */
  readonly image: string;
  /** Its SHA-256, hex. */
  readonly sha256: string;
  readonly client: HttpsBmcClient;
}

/** A client of the board that the arguments name: host, port, public key pin, image, SHA-256, work directory. */
export function benchArguments(): BenchArguments {
  const [host = '', port = '', publicKeyPin = '', image = '', sha256 = '', work = ''] = process.argv.slice(2);
  const client = new HttpsBmcClient({
    endpoint: { host, port: Number(port), httpPort: 80 },
    credentials: { username: 'root', password: new Secret(process.env['TPI_PASSWORD'] ?? '') },
    pins: { publicKeyPin, certificateFingerprint: undefined },
    cacheDir: path.join(work, 'client'),
    lockDir: path.join(work, 'locks'),
    logger: silentLogger,
  });
  return { image, sha256, client };
}
