import { BackendImageEngine, UserspaceBackend } from '@turingpi/image';
import { LoopBackend } from '@turingpi/image-loop';

const [input = 'ubuntu.img.xz'] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
const loop = new LoopBackend();
console.error('not here:', await loop.unavailable(signal)); // why it cannot be used, if it cannot

// Asked for only what our own drivers refuse.
const engine = new BackendImageEngine([new UserspaceBackend(), loop]);
const image = await engine.open(input, { cacheDir: 'cache', signal });
const root = await image.files('root');
console.log(await root.exists('/etc/hostname')); // → true
await image[Symbol.asyncDispose]();
