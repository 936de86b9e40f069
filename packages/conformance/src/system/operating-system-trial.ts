import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, CustomizedImage, InstalledNode, TuringPi } from '@turingpi/core/plugin';
import { Node1, Secret, silentLogger } from '@turingpi/foundation';
import { BackendImageEngine, type ImageSession } from '@turingpi/image';
import {
  type AppliedSystem,
  type InstallationRecord,
  type OperatingSystem,
  OPERATING_SYSTEMS,
  planCredentials,
  type SystemRequest,
} from '@turingpi/provisioning';
import { generateHostKeys, type HostKeyPair } from '@turingpi/runtime';
import { openLonelyCluster } from './lonely-cluster.js';
import type { AskedOfSystem, OperatingSystemSubject } from './operating-system-subject.js';
import { SilentSsh } from './silent-ssh.js';

/** What a plan is applied with, where a case does not say otherwise. */
interface ApplyOptions {
  readonly asked?: Partial<AskedOfSystem>;
  /** Makes the image that callbacks read from, without what is new at every installation. */
  readonly isPreview?: boolean;
  /** Default: the base image. */
  readonly image?: string;
}

/** An operating system in a program that asks it single questions; with a folder of its own. */
export class OperatingSystemTrial implements AsyncDisposable {
  readonly ssh: SilentSsh;
  /** What the image is to say of itself. */
  readonly installation: InstallationRecord;

  private constructor(
    readonly directory: string,
    /** Services that were used besides SSH, for people. */
    readonly used: readonly string[],
    private readonly subject: OperatingSystemSubject,
    private readonly cluster: TuringPi,
    readonly context: Context,
    readonly hostKeys: readonly HostKeyPair[],
    ssh: SilentSsh,
  ) {
    this.ssh = ssh;
    const { board } = subject;
    const id = 'a3c1f0d2-5a0e-4a53-9d38-2f6d4f1f7c11';
    this.installation = { id, node: 'Node1', board, generation: 1, recipe: this.system.recipe, inputs: {} };
  }

  static async open(subject: OperatingSystemSubject): Promise<OperatingSystemTrial> {
    const directory = await mkdtemp(join(tmpdir(), 'turingpi-system-'));
    const ssh = new SilentSsh();
    const used: string[] = [];
    const cluster = await openLonelyCluster(subject, { cacheDir: join(directory, 'cache'), ssh, used });
    const context = await cluster.run((given: Context) => Promise.resolve(given))(Node1);
    const keys = await generateHostKeys(undefined, { comment: 'root@node1' });
    return new OperatingSystemTrial(directory, used, subject, cluster, context, keys, ssh);
  }

  get system(): OperatingSystem {
    return this.cluster.registry.extensions.get(OPERATING_SYSTEMS, this.subject.id);
  }

  /** What the subject asks, with some of it replaced. */
  async request(asked: Partial<AskedOfSystem> = {}): Promise<SystemRequest> {
    const { network, credentials } = { ...this.subject.asked, ...asked };
    return {
      board: this.subject.board,
      network,
      credentials: credentials && (await planCredentials(credentials, {})),
      acceptMismatch: false,
      requiresRoot: false,
    };
  }

  /** The plan as it comes out of a file. */
  async plan(asked?: Partial<AskedOfSystem>): Promise<unknown> {
    return JSON.parse(JSON.stringify(await this.system.plan(await this.request(asked)))) as unknown;
  }

  /** Opens an image of this computer; it must be disposed of. */
  openImage(path: string): Promise<ImageSession> {
    const { signal } = new AbortController();
    return new BackendImageEngine().open(path, { signal, cacheDir: join(this.directory, 'engine') });
  }

  /** Applies the plan to an opened image, and looks at it again. */
  async apply(
    image: ImageSession,
    { asked, isPreview = false }: Omit<ApplyOptions, 'image'> = {},
  ): Promise<AppliedSystem> {
    const { password } = { ...this.subject.asked, ...asked }.credentials ?? {};
    const applied = await this.system.apply(
      await this.plan(asked),
      image,
      {
        password: password === undefined ? undefined : new Secret(password),
        passwordSalt: isPreview ? '' : 'saltOfTheCase',
        hostKeys: isPreview ? [] : this.hostKeys,
        own: this.#ownSecrets(isPreview),
      },
      {
        context: this.context,
        signal: new AbortController().signal,
        progress: () => undefined,
        logger: silentLogger,
        installation: isPreview ? undefined : this.installation,
      },
    );
    await applied.verify?.();
    return applied;
  }

  /** Applies the plan to an image of this computer, and hands the result to a function. */
  async applied<T>(
    use: (image: ImageSession, applied: AppliedSystem) => Promise<T>,
    { image = this.subject.baseImage, ...options }: ApplyOptions = {},
  ): Promise<T> {
    await using session = await this.openImage(image);
    return await use(session, await this.apply(session, options));
  }

  /** Makes an image and saves it. @returns Its path. */
  save(name: string, options?: ApplyOptions): Promise<string> {
    const path = join(this.directory, name);
    return this.applied(async (image) => {
      await image.save(path, { format: 'raw', signal: new AbortController().signal });
      return path;
    }, options);
  }

  /** The record of an image as it comes out of a file. */
  customizedImage(record: Partial<CustomizedImage>): CustomizedImage {
    return {
      ...{ path: 'node1.img.xz', format: 'xz', sizeBytes: 1, sha256: '0'.repeat(64), rawSizeBytes: 1 },
      ...{ os: this.subject.id, hostname: this.context.node.hostname, hostKeys: this.#publicKeys() },
      ...(JSON.parse(JSON.stringify(record)) as Partial<CustomizedImage>),
    };
  }

  /** The record of a node with the image. */
  installedNode(username: string): InstalledNode {
    const { ipAddress, hostname } = this.context.node;
    return {
      ...{ installationId: this.installation.id, imageSha256: '0'.repeat(64), os: this.subject.id },
      ...{ ipAddress, hostname, username, strategy: 'none', hostKeys: this.#publicKeys() },
    };
  }

  /** What the system names as secrets of its own: empty in the image that callbacks read from. */
  #ownSecrets(isPreview: boolean): Record<string, Secret> {
    const names = Object.keys(this.system.secretSources ?? {});
    return Object.fromEntries(names.map((name) => [name, new Secret(isPreview ? '' : `own secret ${name}`)]));
  }

  #publicKeys(): string[] {
    const { system } = this;
    const canBeAsked = system.access === 'ssh' || system.whoAnswers !== undefined;
    return canBeAsked ? this.hostKeys.map(({ publicKey }) => publicKey) : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}
