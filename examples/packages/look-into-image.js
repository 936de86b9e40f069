import { BackendImageEngine, diffImages, editImageFile, listImageFiles } from '@turingpi/image';

const [input = 'ubuntu.img.xz'] = process.argv.slice(2);
const options = { cacheDir: 'cache', signal: AbortSignal.timeout(60_000) };
const engine = new BackendImageEngine();

// List files.
const before = await engine.open(input, options);
const root = await before.files('root');
const names = (await listImageFiles(root, '/etc')).map(({ name }) => name);
console.log(names.some((name) => name.includes('hostname'))); // → true

// Edit.
const edit = (files) => files.writeFile('/etc/motd', 'welcome\n', { mode: 0o644 });
const { image } = await editImageFile(engine, input, 'edited.img.xz', edit, options);
console.log(/^[0-9a-f]{64}$/.test(image.sha256)); // → true

// Compare.
const after = await engine.open('edited.img.xz', options);
for await (const difference of diffImages(before, after, options.signal))
  if ('path' in difference && difference.path.endsWith('motd')) console.log(difference.path); // → /etc/motd
for (const one of [before, after]) await one[Symbol.asyncDispose]();
