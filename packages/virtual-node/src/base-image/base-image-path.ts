import path from 'node:path';

/** The tiny base images that come with the package: real layouts, real filesystems, no kernel. */
export const BASE_IMAGES = ['rk1-ubuntu.img.xz', 'rpi-debian.img.xz'] as const;
export type BaseImageName = (typeof BASE_IMAGES)[number];

/** Absolute path of a base image. Copy it before changing it: the file belongs to the package. */
export function baseImagePath(name: BaseImageName): string {
  return path.resolve(import.meta.dirname, '../../base-images', name);
}
