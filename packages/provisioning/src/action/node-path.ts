import { z } from 'zod';

/** A path on the node. */
export const nodePath = z.string().startsWith('/', 'expected an absolute path on the node');
