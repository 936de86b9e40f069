import type { Extension } from '../plugin/extension-point.js';
import type { StandardSchema } from './standard-schema.js';

/** A top-level key of the configuration that a plugin brings, with the schema of its value. */
export interface ConfigKey<T = unknown> extends Extension {
  /** The key itself, in camel case. It is none of core's own. */
  readonly id: string;
  /** What is said there, for people: `where the board is`. */
  readonly title: string;
  /** A zod schema, or any other that follows Standard Schema. Of a file without the key it is asked about `undefined`. */
  readonly schema: StandardSchema<T>;
}
