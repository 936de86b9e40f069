import { type ConfiguredNode, type Context, PhaseError } from '@turingpi/core/plugin';
import type { PostInstallCallback, PostInstallerBuilder } from '@turingpi/provisioning';
import { loginOf } from '../installer/node-login.js';
import type { ToolboxSource } from '../profile/linux-toolbox.js';
import { JournaledLocalActions } from './journaled-local-actions.js';
import { JournaledRemoteActions } from './journaled-remote-actions.js';
import { LazySession } from './lazy-session.js';
import { ActionRecorder } from './action-recorder.js';

/** Phase 3 for every Linux: journaled actions over SSH, connecting only when one must really run. */
export class LinuxPostInstallerBuilder implements PostInstallerBuilder {
  constructor(private readonly toolbox: ToolboxSource) {}

  /** @throws PhaseError `PHASE_INPUT_MISSING` when the node was not installed in this run; what an action throws. */
  async runActions(context: Context, callback: PostInstallCallback): Promise<ConfiguredNode> {
    const login = loginOf(context.node);
    if (!login)
      throw new PhaseError(
        'PHASE_INPUT_MISSING',
        `${context.node.hostname} was not installed in this run: the os installer's run was not called`,
        {
          hint: 'Call the os installer before runActions; when nothing changed, it just returns what it did earlier.',
        },
      );
    const toolbox = this.toolbox(context);
    const { installationId, username } = login.installed;
    return context.runJournaledPhase({
      phase: 'post_installation',
      inputs: { installationId, username },
      installationId,
      execute: async (environment, journal) => {
        const session = environment.cleanup.use(
          'SSH session',
          new LazySession(context, toolbox.ssh, login, environment),
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
          new JournaledLocalActions(recorder, toolbox.local, session),
          new JournaledRemoteActions(recorder, session),
        );
      },
    });
  }
}
