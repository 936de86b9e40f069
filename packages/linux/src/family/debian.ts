import type { ImageFamilyDefinition } from './image-family.js';

/** Plain Debian, with or without cloud-init. */
export const debian: ImageFamilyDefinition = {
  id: 'debian',
  matches: ({ distribution }) => distribution.id === 'debian',
};
