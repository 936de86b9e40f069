import { RuntimeError, type RuntimeErrorCode, type SshSession } from '@turingpi/runtime';
import { ASK_FACTS, type NodeFacts, parseFacts } from './node-facts.js';

const NO_ROOT: readonly RuntimeErrorCode[] = ['SSH_SUDO_REFUSED', 'SSH_SUDO_MISSING', 'SSH_SUDO_NEEDS_TTY'];

/**
 * Asks a node what it is made of: as root where that is possible, since serial numbers may be for root alone.
 *
 * @throws RuntimeError as `exec` of the session.
 */
export async function readFacts(session: SshSession, signal: AbortSignal): Promise<NodeFacts> {
  const ask = (sudo: boolean) => session.exec(['sh', '-c', ASK_FACTS], { signal, sudo });
  const { stdout } = await ask(true).catch((error: unknown) => {
    if (error instanceof RuntimeError && NO_ROOT.includes(error.code)) return ask(false);
    throw error;
  });
  return parseFacts(stdout);
}
