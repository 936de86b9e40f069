import { type ConfiguredNode, type Context, PhaseError } from '@turingpi/core/plugin';
import { readLogin } from '../login/recorded-login.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { performActions } from './perform-actions.js';
import type { PostInstallCallback, PostInstallerOptions } from './post-install-callback.js';

/** Phase 3: finishes the node over SSH, also when another process has installed it: the record says how to log in. */
export class PostInstaller {
  /** @param osId - the operating system, by the name in the configuration's `os` */
  constructor(
    private readonly osId: string,
    private readonly options: PostInstallerOptions = {},
  ) {}

  /**
   * Runs the callback's actions, journaled: on a later run, equal actions return their recorded result without touching the
   * node; from the first difference on they are executed.
   *
   * @throws PhaseError `PHASE_INPUT_MISSING` when no installation of the node is on record; ProvisioningError
   * `CREDENTIAL_UNREADABLE`; PluginError `PLUGIN_NOT_FOUND` for an operating system that no plugin brings; what an action
   * throws.
   */
  async runActions(context: Context, callback: PostInstallCallback): Promise<ConfiguredNode> {
    const { id, hostname } = context.node;
    const os = operatingSystemOf(context, this.osId);
    const standing = await context.installedNode(id);
    if (!standing)
      throw new PhaseError('PHASE_INPUT_MISSING', `no installation of ${hostname} is on record`, {
        hint:
          "Run the os installer first, in this program or in another one with the same cacheDir; or 'turingpi adopt " +
          `${id}' for what runs there.`,
      });
    const { installed } = standing;
    const login = await readLogin(context, installed, this.options.password);
    const { installationId, username } = installed;
    return context.runJournaledPhase({
      id: 'post_installation',
      resources: ['ssh'],
      inputs: { installationId, username },
      installationId,
      ...(this.options.foreseeable === true && { foreseeable: true }),
      run: (phase, journal) => performActions({ context, os, installed, login, phase, journal }, callback),
    });
  }
}

/** Finishes nodes, for an operating system named by its id: what the functions of OS plugins return. */
export function postInstallerOf(osId: string, options?: PostInstallerOptions): PostInstaller {
  return new PostInstaller(osId, options);
}
