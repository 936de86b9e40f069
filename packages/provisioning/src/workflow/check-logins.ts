import type { ClusterConfig, ConfigIssue, ParseConfigOptions } from '@turingpi/core/plugin';
import { type NodeId, Secret, TuringPiError } from '@turingpi/foundation';
import type { PostInstallAction } from '../action/post-install-action.js';
import { authenticationFor } from '../login/node-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { mergedPart } from './declared-node.js';
import { examineUserSecrets } from './examine-user-secrets.js';
import { parseWorkflow } from './parse-workflow.js';

/** Finds nodes that nobody could log in to once they are installed, in a configuration that is right otherwise. */
export async function checkLogins(
  config: ClusterConfig,
  options: {
    readonly actions: readonly PostInstallAction[] | undefined;
    readonly os: (id: string) => Pick<OperatingSystem, 'access'> | undefined;
    readonly environment: ParseConfigOptions['environment'];
    /** Nodes that are about to be installed. Default: all that are configured. */
    readonly nodes?: readonly NodeId[];
  },
): Promise<ConfigIssue[]> {
  const { workflow } = parseWorkflow(config.workflow, options.actions);
  const shut: string[] = [];
  for (const [id, { os }] of config.nodes) {
    if (options.nodes?.includes(id) === false) continue;
    const part = mergedPart(workflow, { id, board: config.boardName });
    const { skipBootWait, firstLogin } = part.install ?? {};
    if (os === undefined || options.os(os)?.access !== 'ssh') continue;
    if (skipBootWait !== true && firstLogin === undefined && !(await canLogIn(part))) shut.push(`node${id}`);
  }
  if (shut.length === 0) return [];
  return [
    {
      path: ['ssh'],
      message: `has neither a key nor a password to log in to ${shut.join(', ')} with`,
      code: 'LOGIN_MISSING',
      hint: 'Give ssh.privateKey: { file: … } for one of workflow.user.sshKeys, ssh.useAgent: true, or a password.',
    },
  ];

  async function canLogIn(part: ReturnType<typeof mergedPart>): Promise<boolean> {
    const { credentials } = await examineUserSecrets(part, {
      baseDir: config.baseDir,
      environment: options.environment,
    });
    const { password, sshKeys = [] } = credentials;
    try {
      const found = await authenticationFor(
        { credentials: { bmc: config.bmc, ssh: config.ssh } },
        { password: Secret.is(password) ? password : undefined, sshKeys },
      );
      return found.privateKey !== undefined || found.password !== undefined || found.agent === true;
    } catch (error) {
      if (!TuringPiError.is(error)) throw error;
      return true; // a key that is none is told by its system
    }
  }
}
