import { BackendImageEngine, editImageFile } from '@turingpi/image';

const [input = 'ubuntu.img.xz'] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
const engine = new BackendImageEngine();
const edit = (root) => root.writeFile('/etc/hostname', 'node1\n');
await editImageFile(engine, input, 'node1.img.xz', edit, { cacheDir: 'cache', signal });

const image = await engine.open('node1.img.xz', { cacheDir: 'cache', signal });
const root = await image.files('root');
console.log(await root.readText('/etc/hostname')); // → node1
await image[Symbol.asyncDispose]();
