import type { FileSystem } from '../filesystem/file-system.js';

/** What an error that a filesystem threw is to whoever edits the image. */
export type ExplainError = (error: unknown) => Promise<unknown>;

/**
 * A filesystem whose errors are explained, whoever calls it: drivers know blocks and inodes, not which image they are in.
 *
 * @remarks By a proxy, so that no method can be forgotten. Streams are left as they are: their errors are those of the
 * disk beneath.
 */
export function explainedFileSystem(fileSystem: FileSystem, explain: ExplainError): FileSystem {
  return new Proxy(fileSystem, {
    get: (target, key) => {
      const member = Reflect.get(target, key, target) as unknown;
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): unknown => {
        const result = Reflect.apply(member, target, args) as unknown;
        if (!(result instanceof Promise)) return result;
        return result.catch(async (error: unknown) => {
          throw await explain(error);
        });
      };
    },
  });
}
