import { type AskedServer, askHostKey, type AskHostKeyOptions, type HostKeyAnswer } from './ask-host-key.js';
import { changeExpiredPassword, type ChangePasswordOptions } from './change-expired-password.js';
import { connectSsh } from './connect-ssh.js';
import type { ConnectSshOptions } from './connect-ssh-options.js';
import { rebootNode } from './reboot-node.js';
import type { SshSession } from './ssh-session.js';
import type { SshTarget } from './ssh-target.js';
import { waitForSsh, type WaitForSshOptions } from './wait-for-ssh.js';

/** Reaches nodes over SSH. */
export interface SshRuntime {
  /** See {@link connectSsh}. */
  connect(target: SshTarget, options: ConnectSshOptions): Promise<SshSession>;
  /** See {@link askHostKey}. */
  askHostKey(where: AskedServer, options: AskHostKeyOptions): Promise<HostKeyAnswer>;
  /** See {@link waitForSsh}. */
  waitFor(target: SshTarget, options: WaitForSshOptions): Promise<SshSession>;
  /** See {@link rebootNode}. */
  reboot(session: SshSession, target: SshTarget, options: WaitForSshOptions): Promise<SshSession>;
  /** See {@link changeExpiredPassword}. */
  changeExpiredPassword(target: SshTarget, options: ChangePasswordOptions): Promise<void>;
}

/** Reaches nodes with the `ssh2` client. */
export class ClientSshRuntime implements SshRuntime {
  connect(target: SshTarget, options: ConnectSshOptions): Promise<SshSession> {
    return connectSsh(target, options);
  }

  askHostKey(where: AskedServer, options: AskHostKeyOptions): Promise<HostKeyAnswer> {
    return askHostKey(where, options);
  }

  waitFor(target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    return waitForSsh(target, options);
  }

  reboot(session: SshSession, target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    return rebootNode(session, target, options);
  }

  changeExpiredPassword(target: SshTarget, options: ChangePasswordOptions): Promise<void> {
    return changeExpiredPassword(target, options);
  }
}
