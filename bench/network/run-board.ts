import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageServer, INSTALL_SCRIPT, renderCurlConfig, ServedImage } from '@turingpi/install-network/served';
import { execa } from 'execa';
import type { BoardFacts } from '../board/board-model.js';
import { timed } from '../stopwatch.js';
import { NodeNetwork } from './node-network.js';

const NODES = ['node1', 'node2', 'node3', 'node4'] as const;
const CHUNK_BYTES = 1_000_000;
const MARK = { offset: 568, bytes: 16 } as const;
const { signal } = new AbortController();

/** Installs four nodes over wires as fast as those of a board, in the order of the model. @returns Seconds that it took. */
export async function runBoard(facts: BoardFacts, directory: string): Promise<number> {
  const controller = {
    name: 'controller',
    megabytesPerSecond: Math.min(facts.controllerIn, facts.usbWrite),
  };
  const nodes = NODES.map((name) => ({ name, megabytesPerSecond: facts.nodePort }));
  await using network = await NodeNetwork.create({ megabytesPerSecond: facts.hostPort }, [
    ...nodes,
    controller,
  ]);
  await using image = await imageOf(facts.usedBytes, directory);
  await using server = await ImageServer.listen({ host: network.hostAddress });
  await using installer = await serve(facts.installerBytes, network.hostAddress);
  await image.planFor(facts.usedBytes); // its digests were computed while the controller was busy with others
  const { seconds } = await timed(async () => {
    for (let node = 1; node <= NODES.length; node += 1) {
      await sleep(facts.bringUp * 1000);
      await run(
        network.at('controller', [
          'curl',
          '-q',
          '--silent',
          '--fail',
          '--output',
          '/dev/null',
          installer.url,
        ]),
      );
    }
    await sleep(facts.bootInstaller * 1000);
    await Promise.all(
      NODES.map((name) =>
        installNode(name, { network, server, image, directory: path.join(directory, name) }),
      ),
    );
    await sleep(facts.bootSystem * 1000);
  });
  return seconds;
}

/** All of it is in use, and nothing can make it less on its way. */
async function imageOf(bytes: number, directory: string): Promise<ServedImage> {
  const file = path.join(directory, 'image.img');
  const handle = await open(file, 'w');
  for (let left = bytes; left > 0; left -= CHUNK_BYTES)
    await handle.write(randomBytes(Math.min(left, CHUNK_BYTES)));
  await handle.close();
  return await ServedImage.open(file, { cacheDir: directory, signal });
}

async function installNode(
  name: string,
  {
    network,
    server,
    image,
    directory,
  }: {
    readonly network: NodeNetwork;
    readonly server: ImageServer;
    readonly image: ServedImage;
    readonly directory: string;
  },
): Promise<void> {
  const { token, key } = server.admit(image, () => undefined);
  await mkdir(directory);
  const [disk, script, curlrc] = ['disk', 'install.sh', 'curlrc'].map((file) =>
    path.join(directory, file),
  ) as [string, string, string];
  const mark = randomBytes(MARK.bytes);
  const file = await open(disk, 'w');
  await file.truncate(image.rawSizeBytes);
  await file.write(mark, 0, MARK.bytes, MARK.offset);
  await file.close();
  await writeFile(script, INSTALL_SCRIPT);
  await writeFile(curlrc, renderCurlConfig({ publicKeyPin: server.publicKeyPin, token }), { mode: 0o600 });
  try {
    await run(network.at(name, ['sh', script]), {
      TP_URL: `https://${network.hostAddress}:${server.port}`,
      TP_CURLRC: curlrc,
      TP_WORK: path.join(directory, 'work'),
      TP_DISK: disk,
      TP_DISK_BYTES: String(image.rawSizeBytes),
      TP_WORKERS: '3',
      TP_MARK_OFFSET: String(MARK.offset),
      TP_MARK_BYTES: String(MARK.bytes),
      TP_MARK_DIGEST: createHash('sha256').update(mark).digest('hex'),
      TP_ATTEMPTS: '1',
    });
  } finally {
    server.dismiss({ key });
    await rm(directory, { recursive: true });
  }
}

/** What the controller gets: as many bytes as an installer has. */
async function serve(bytes: number, host: string): Promise<AsyncDisposable & { readonly url: string }> {
  const body = randomBytes(bytes);
  const server = createServer((_request, response) => response.end(body)).listen(0, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function run(
  [program, ...parameters]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await execa(program, parameters, { env });
}
