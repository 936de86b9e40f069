// Edits an image with one backend and saves it; a test kills it somewhere on the way.
import { UserspaceBackend } from '@turingpi/image';
import { DockerBackend } from '@turingpi/image-docker';
import { LoopBackend } from '@turingpi/image-loop';

const [id, image, cacheDir, target, dockerImage] = process.argv.slice(2);
const backends = {
  userspace: () => new UserspaceBackend(),
  loop: () => new LoopBackend(),
  docker: () => new DockerBackend({ image: dockerImage }),
};
const { signal } = new globalThis.AbortController();
console.log('begun');
const session = await backends[id]().open(image, { signal, cacheDir }, 'test');
const root = await session.files();
for (let index = 0; index < 5; index++)
  await root.writeFile(`/killed/${index}`, Buffer.alloc(200_000, index));
const fat = await session.files('CIDATA');
await fat.writeFile('/user-data', '#cloud-config\n');
await session.save(target, { format: 'xz', signal });
await session[Symbol.asyncDispose]();
console.log('ended');
