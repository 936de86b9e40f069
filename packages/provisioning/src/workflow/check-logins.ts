import type { ClusterConfig, ConfigIssue, ParseConfigOptions } from '@turingpi/core/plugin';
import { type NodeId, Secret, TuringPiError } from '@turingpi/foundation';
import { parsePublicKey, publicHalfOf } from '@turingpi/runtime';
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
  const strange: string[] = [];
  for (const [id, { os }] of config.nodes) {
    if (options.nodes?.includes(id) === false) continue;
    const part = mergedPart(workflow, { id, board: config.boardName });
    const { skipBootWait, firstLogin } = part.install ?? {};
    if (os === undefined || options.os(os)?.access !== 'ssh') continue;
    if (skipBootWait === true || firstLogin !== undefined) continue;
    const way = await wayIn(part);
    if (way === 'none') shut.push(`node${id}`);
    if (way === 'strange key') strange.push(`node${id}`);
  }
  const nothing = (path: readonly string[], message: string): ConfigIssue => ({
    ...{ path, message, code: 'LOGIN_MISSING' },
    hint: 'Give ssh.privateKey: { file: … } for one of workflow.user.sshKeys, ssh.useAgent: true, or a password.',
  });
  return [
    ...(shut.length === 0
      ? []
      : [nothing(['ssh'], `has neither a key nor a password to log in to ${shut.join(', ')} with`)]),
    ...(strange.length === 0
      ? []
      : [
          nothing(
            ['ssh', 'privateKey'],
            `fits none of workflow.user.sshKeys: there is nothing to log in to ${strange.join(', ')} with`,
          ),
        ]),
  ];

  async function wayIn(part: ReturnType<typeof mergedPart>): Promise<'some' | 'none' | 'strange key'> {
    const { credentials, issues } = await examineUserSecrets(part, {
      baseDir: config.baseDir,
      environment: options.environment,
    });
    if (issues.some(({ code }) => code === 'SSH_KEYS_NOT_FETCHED')) return 'some'; // nobody knows yet
    const { password, sshKeys = [] } = credentials;
    try {
      const found = await authenticationFor(
        { credentials: { bmc: config.bmc, ssh: config.ssh } },
        { password: Secret.is(password) ? password : undefined, sshKeys },
      );
      if (found.password !== undefined || found.agent === true) return 'some';
      if (found.privateKey === undefined) return 'none';
      return sshKeys.length === 0 || fits(found.privateKey, sshKeys) ? 'some' : 'strange key';
    } catch (error) {
      if (!TuringPiError.is(error)) throw error;
      return 'some'; // a key that is none is told by its system
    }
  }

  function fits(privateKey: Secret, sshKeys: readonly string[]): boolean {
    const own = publicHalfOf(privateKey, config.ssh.privateKey && config.ssh.passphrase);
    const keys = sshKeys.map((line) => parsePublicKey(line));
    // Who may log in by a certificate is not said by the key of its authority.
    return keys.some(({ identity, options = '' }) => identity === own || /cert-authority/i.test(options));
  }
}
