import { z } from 'zod';
import { Secret } from '@turingpi/foundation';
import { namesOtherHome } from './resolve-path.js';

const text = z.string().min(1, 'is empty');

/** A path on this computer. */
export const localPath = text.refine(
  (value) => !namesOtherHome(value),
  'begins with the home directory of a user by name, which is not known here; write ~/ or the whole path',
);

/** A secret as people write it: the value, or where it is. */
export const secretSource = z.union(
  [
    text,
    z.strictObject({ env: text }),
    z.strictObject({ file: localPath }),
    z.custom<Secret>((value) => Secret.is(value)),
  ],
  'expected a text, { env: NAME } or { file: path }',
);
