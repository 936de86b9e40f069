import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { DirectoryPlace, SealedArtifacts } from '@turingpi/artifacts';
import { Secret } from '@turingpi/core/plugin';
import { generateX25519Identity } from 'age-encryption';

await mkdir('shared', { recursive: true }); // a directory that all computers see
await writeFile('node1.img', 'an image with keys');
const sha256 = createHash('sha256').update('an image with keys').digest('hex');
const image = { sha256, isSecret: true }; // it is encrypted before it leaves this computer

const keys = { identity: new Secret(await generateX25519Identity()), recipients: [] };
const artifacts = new SealedArtifacts(new DirectoryPlace('shared'), keys);
const options = { signal: AbortSignal.timeout(60_000), progress: () => {} };
await artifacts.share(image, 'node1.img', options);
console.log(await artifacts.bring(image, 'on-another-computer.img', options)); // → true
