import {
  configInvalid,
  describeIssues,
  IN_PLAIN_WORDS,
  localPath,
  readConfigFile,
  resolvePath,
} from '@turingpi/core/plugin';
import { z } from 'zod';

const ADDRESS = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;

/** What stands in the file of a state server. */
export const serverFileSchema = z.strictObject({
  /** Where it listens: `0.0.0.0:8443`, `[::1]:8443`; port 0 takes a free one. */
  listen: z
    .string()
    .regex(ADDRESS, 'expected an address and a port, such as 0.0.0.0:8443')
    .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, 'has no such port')
    .default('0.0.0.0:8443'),
  /** PEM certificates of the authority that vouches for clients. */
  ca: localPath,
  /** PEM certificate by which the server proves who it is, and its key. */
  cert: localPath,
  key: localPath,
  /**
   * Which clusters a client may use, by the common name of its certificate; a client that is not named here may use none.
   * Default: whoever has a certificate may use all.
   */
  clients: z.record(z.string(), z.array(z.string())).optional(),
  /** Which store keeps the states, as in a configuration of a board. Default: files. */
  state: z
    .record(z.string(), z.unknown())
    .refine((state) => Object.keys(state).length === 1, 'names one store')
    .optional(),
  /** A folder for what stores keep in files, with a folder in it for each cluster. Default: `states` beside the file. */
  directory: localPath.default('states'),
  plugins: z.array(z.string()).optional(),
});

/** What the file of a state server says. Paths are absolute. */
export interface ServerFile {
  readonly baseDir: string;
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clients?: ReadonlyMap<string, readonly string[]>;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly directory: string;
  readonly plugins?: readonly string[];
}

/** Reads the file of a state server. @throws ConfigError `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`, `CONFIG_INVALID` */
export async function loadServerFile(file: string): Promise<ServerFile> {
  const read = await readConfigFile(file);
  const parsed = serverFileSchema.safeParse(read.input, IN_PLAIN_WORDS);
  if (!parsed.success) throw configInvalid(describeIssues(parsed.error.issues, serverFileSchema), read);
  const { listen, clients, state, plugins, ...paths } = parsed.data;
  for (const [store, settings] of Object.entries(state ?? {}))
    if (Object.hasOwn(settings ?? {}, 'cluster'))
      throw configInvalid(
        [{ path: ['state', store, 'cluster'], message: 'is said by each client: leave it out here' }],
        read,
      );
  const at = (name: keyof typeof paths) => resolvePath(read.baseDir, paths[name]);
  const { v6, host = v6 ?? '', port } = ADDRESS.exec(listen)?.groups ?? {};
  return {
    ...{ baseDir: read.baseDir, host, port: Number(port) },
    ...{ ca: at('ca'), cert: at('cert'), key: at('key'), directory: at('directory') },
    ...(clients === undefined ? {} : { clients: new Map(Object.entries(clients)) }),
    ...(state === undefined ? {} : { state }),
    ...(plugins === undefined ? {} : { plugins }),
  };
}
