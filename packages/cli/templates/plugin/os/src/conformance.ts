import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConformanceSubjects } from '@turingpi/conformance';
import { BackendImageEngine, editImageFile } from '@turingpi/image';
import { baseImagePath } from '@turingpi/virtual-node';

const cacheDir = await mkdtemp(path.join(tmpdir(), 'new-linux-'));
process.once('exit', () => rmSync(cacheDir, { recursive: true, force: true }));

/** A small image that says that it is New linux. Better: a real one, cut down to what the plugin looks at. */
const baseImage = path.join(cacheDir, 'new-linux.img.xz');
await editImageFile(
  new BackendImageEngine(),
  baseImagePath('rpi-debian.img.xz'),
  baseImage,
  async (root) => {
    for (const file of ['/etc/os-release', '/usr/lib/os-release'])
      await root.writeFile(file, 'ID=new-linux\nNAME="New linux"\n');
  },
  { cacheDir, signal: AbortSignal.timeout(60_000) },
);

const network = { hostname: 'node1', ipCidr: '10.0.0.11/24', gateway: '10.0.0.1', dnsServers: ['10.0.0.1'] };

/** What the plugin is tested on: `npx turingpi-conformance .` */
const subjects: ConformanceSubjects = {
  os: {
    'new-linux': {
      board: 'cm4',
      baseImage,
      foreignImage: baseImagePath('rk1-ubuntu.img.xz'),
      asked: { network, credentials: { username: 'ops', password: 'correct horse battery' } },
      otherwise: { network: { ...network, hostname: 'node2' } },
      wrong: [
        {
          title: 'an address without a prefix length',
          network: { ...network, ipCidr: '10.0.0.11' },
          code: 'NETWORK_CIDR_INVALID',
        },
        { title: 'a user of the system', credentials: { username: 'sshd' }, code: 'USERNAME_INVALID' },
      ],
    },
  },
  configKeys: {
    newLinux: {
      valid: [{}, { banner: 'hello' }],
      invalid: [{ value: { banner: 5 }, at: ['banner'] }],
    },
  },
};
export default subjects;
