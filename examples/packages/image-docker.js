import { BackendImageEngine, UserspaceBackend } from '@turingpi/image';
import { DockerBackend } from '@turingpi/image-docker';

const [input = 'ubuntu.img.xz'] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
const docker = new DockerBackend();
console.error('not here:', await docker.unavailable(signal)); // why it cannot be used, if it cannot

// Asked for only what our own drivers refuse.
const engine = new BackendImageEngine([new UserspaceBackend(), docker]);
const image = await engine.open(input, { cacheDir: 'cache', signal });
const root = await image.files('root');
console.log(await root.exists('/etc/hostname')); // → true
await image[Symbol.asyncDispose]();
