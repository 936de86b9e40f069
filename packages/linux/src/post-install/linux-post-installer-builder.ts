import { type ConfiguredNode, type Context, PhaseError } from '@turingpi/core/plugin';
import type { PostInstallCallback, PostInstallerBuilder, PostInstallerOptions } from '@turingpi/provisioning';
import { readLogin } from '@turingpi/provisioning';
import { LOCAL_RUNTIME, operatingSystemOf, SSH_RUNTIME } from '@turingpi/provisioning';
import { JournaledLocalActions } from './journaled-local-actions.js';
import { JournaledRemoteActions } from './journaled-remote-actions.js';
import { LazySession } from './lazy-session.js';
import { ActionRecorder } from './action-recorder.js';

/** Phase 3 for every Linux: journaled actions over SSH, connecting only when one must really run. */
export class LinuxPostInstallerBuilder implements PostInstallerBuilder {
  constructor(
    private readonly os: string,
    private readonly options: PostInstallerOptions = {},
  ) {}

  /**
   * @throws PhaseError `PHASE_INPUT_MISSING` when no installation of the node is on record; LinuxError
   * `CREDENTIAL_UNREADABLE`; what an action throws.
   */
  async runActions(context: Context, callback: PostInstallCallback): Promise<ConfiguredNode> {
    const { id, hostname } = context.node;
    const standing = await context.installedNode(id);
    if (!standing)
      throw new PhaseError('PHASE_INPUT_MISSING', `no installation of ${hostname} is on record`, {
        hint:
          "Run the os installer first, in this program or in another one with the same cacheDir; or 'turingpi adopt " +
          `${id}' for what runs there.`,
      });
    const { installed } = standing;
    const login = await readLogin(context, installed, this.options.password);
    operatingSystemOf(context, this.os);
    const [ssh, local] = [context.service(SSH_RUNTIME), context.service(LOCAL_RUNTIME)];
    const { installationId, username } = installed;
    return context.runJournaledPhase({
      phase: 'post_installation',
      inputs: { installationId, username },
      installationId,
      execute: async (environment, journal) => {
        const session = environment.cleanup.use(
          'SSH session',
          new LazySession(context, ssh, installed, login, environment),
        );
        const secrets = [login.password, context.credentials.ssh.password].filter(
          (secret) => secret !== undefined,
        );
        const recorder = new ActionRecorder(
          journal,
          environment,
          () => context.generations.digestKey(),
          secrets,
          () => session.open(),
        );
        await callback(
          new JournaledLocalActions(recorder, local, session),
          new JournaledRemoteActions(recorder, session),
        );
      },
    });
  }
}
