import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type Docker from 'dockerode';
import { dockerError, DockerError, dockerSilence } from './docker-error.js';

export interface DockerHostOptions {
  /** Where the daemon listens. Default: `DOCKER_HOST`, else the system's usual place. */
  readonly connection?: Docker.DockerOptions;
  /** The system whose cures and volumes are used. Default: this one. */
  readonly platform?: NodeJS.Platform;
  /** Folders in which a `docker` program is looked for. Default: the user's PATH. */
  readonly searchPath?: readonly string[];
  /** How long the daemon may take to say that it is there, in milliseconds. Default 15 s. */
  readonly answerTimeoutMs?: number;
}

/** The declarations of the client leave the option out. */
interface StoppablePing {
  ping(options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

const ANSWER_TIMEOUT_MS = 15_000;

/** The Docker of this computer, and what is wrong with it. */
export class DockerHost {
  readonly platform: NodeJS.Platform;
  #docker: Promise<Docker> | undefined;

  constructor(private readonly options: DockerHostOptions = {}) {
    this.platform = options.platform ?? process.platform;
  }

  /** Loaded when first needed: it is large, and most users never do. */
  docker(): Promise<Docker> {
    return (this.#docker ??= import('dockerode').then(
      ({ default: Client }) => new Client(this.options.connection),
    ));
  }

  /**
   * Why it cannot be used now: `DOCKER_NOT_INSTALLED`, `DOCKER_DAEMON_DOWN`, `DOCKER_UNREACHABLE`, `DOCKER_PERMISSION`.
   *
   * @throws the reason of the signal.
   */
  async failure(signal: AbortSignal): Promise<Error | undefined> {
    const limit = this.answerLimit();
    try {
      const docker = (await this.docker()) as unknown as StoppablePing;
      await docker.ping({ abortSignal: AbortSignal.any([signal, limit]) });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      return limit.aborted ? dockerSilence(this.platform) : this.named(error);
    }
  }

  /** Fires when the daemon has taken too long for a simple answer. */
  answerLimit(): AbortSignal {
    return AbortSignal.timeout(this.options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS);
  }

  /** @throws DockerError `DOCKER_IMAGE_MISSING`, or that the daemon is silent; the reason of the signal. */
  async requireImage(image: string, signal?: AbortSignal): Promise<void> {
    const limit = this.answerLimit();
    try {
      const inspected = (await this.docker()).getImage(image).inspect();
      await unlessAborted(inspected, AbortSignal.any([limit, ...(signal ? [signal] : [])]));
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted) throw dockerSilence(this.platform);
      if ((error as { statusCode?: number }).statusCode !== 404) throw await this.named(error);
      throw new DockerError('DOCKER_IMAGE_MISSING', `Docker does not have the image ${image}.`, {
        cause: error,
        hint: `Get it with "docker pull ${image}", or name another one that has sh, losetup and mount.`,
        details: { image },
      });
    }
  }

  /** Gives an error of the client its name and cure. */
  async named(error: unknown): Promise<Error> {
    return dockerError(error, this.platform, await this.#isInstalled());
  }

  async #isInstalled(): Promise<boolean> {
    const program = this.platform === 'win32' ? 'docker.exe' : 'docker';
    const usual =
      this.platform === 'darwin' ? ['/usr/local/bin', '/Applications/Docker.app/Contents/Resources/bin'] : [];
    // PATH says where programs are: it is no setting of ours.
    const folders = this.options.searchPath ?? [...(process.env['PATH'] ?? '').split(delimiter), ...usual];
    for (const folder of folders)
      if (
        await access(join(folder, program)).then(
          () => true,
          () => false,
        )
      )
        return true;
    return false;
  }
}

/** For a request that the client cannot stop. */
async function unlessAborted(request: Promise<unknown>, signal: AbortSignal): Promise<void> {
  request.catch(() => undefined); // nobody waits for it any more when the signal fires
  signal.throwIfAborted();
  const answered = new AbortController();
  const stopped = once(signal, 'abort', { signal: answered.signal });
  stopped.catch(() => undefined);
  try {
    await Promise.race([request, stopped]);
    signal.throwIfAborted();
  } finally {
    answered.abort();
  }
}
