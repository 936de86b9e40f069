import { access } from 'node:fs/promises';
import { BASE_IMAGES, baseImagePath } from '@turingpi/virtual-node';

for (const name of BASE_IMAGES) {
  await access(baseImagePath(name));
  console.log(name);
}
// → rk1-ubuntu.img.xz
// → rpi-debian.img.xz
