import { CLUSTER_CONFIG, type ClusterConfig, configOf } from '@turingpi/core/plugin';
import type { ImageSession } from '@turingpi/image';
import { LinuxOs, type LinuxPlan, type LinuxProfile } from '@turingpi/linux';
import {
  type AppliedSystem,
  type ApplyEnvironment,
  SSH_RUNTIME,
  type SystemRequest,
  type SystemSecrets,
} from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';
import { DEFAULTS, NEW_LINUX } from './new-linux-key.js';

/** What is its own among the Linuxes. */
const profile: LinuxProfile = {
  id: 'new-linux',
  distribution: 'new-linux', // the ID in /etc/os-release
  firstUser: () => ({ name: 'admin', groups: ['sudo', 'adm'] }),
};

/** What an image is to become: JSON, all that decides it is in here. */
interface NewLinuxPlan extends LinuxPlan {
  readonly banner: string;
}

/** New linux for nodes: network, users, keys and SSH are those of every Linux. */
export class NewLinuxOs extends LinuxOs {
  /** What the constructor is given, in its order. */
  static readonly inject = [SSH_RUNTIME, CLUSTER_CONFIG];

  readonly #banner: string;

  constructor(ssh: SshRuntime, config: Pick<ClusterConfig, 'contributed'>) {
    super({ title: 'New linux', profile, ssh });
    ({ banner: this.#banner } = configOf(config, NEW_LINUX) ?? DEFAULTS);
  }

  override plan(request: SystemRequest): NewLinuxPlan {
    return { ...super.plan(request), banner: this.#banner };
  }

  override async apply(
    { banner, ...plan }: NewLinuxPlan,
    image: ImageSession,
    secrets: SystemSecrets,
    environment: ApplyEnvironment,
  ): Promise<AppliedSystem> {
    const applied = await super.apply(plan, image, secrets, environment);
    const root = await image.files('root');
    await root.writeFile('/etc/issue', `${banner}\n`);
    return applied;
  }
}
