import type { Answerer, Context } from '@turingpi/core/plugin';
import { SSH_PORT } from '@turingpi/runtime';
import { wayTo } from '../login/node-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { NodeAnswer, NodeQuestion } from '../os/readiness.js';
import { SSH_RUNTIME } from '../services/tokens.js';

type Asked = Pick<OperatingSystem, 'access' | 'whoAnswers'>;

/** Whether nodes of an operating system can tell which installation they are. */
export function canBeAsked(system: Asked): boolean {
  return system.access === 'ssh' || system.whoAnswers !== undefined;
}

/** Asks a node which installation it is: as its operating system does, else by its SSH host key, without a login. */
export function askNode(system: Asked, question: NodeQuestion): Promise<NodeAnswer> {
  if (system.whoAnswers) return system.whoAnswers(question);
  if (system.access !== 'ssh') return Promise.resolve({ answer: 'none', why: 'its system cannot be asked' });
  const { context, node, hostKeys, signal } = question;
  const { host = node.ipAddress, port = SSH_PORT } = node.config.ssh ?? {};
  return context.service(SSH_RUNTIME).askHostKey({ host, port, hostKeys, ...wayTo(node) }, { signal });
}

/** Who answers at the address of a context's node: evidence of what is on its disk. */
export async function whoAnswersAt(
  context: Context,
  system: Asked,
  hostKeys: readonly string[],
  signal: AbortSignal,
): Promise<Answerer> {
  const { node } = context;
  const answer = await askNode(system, { context, node, hostKeys, signal });
  if (answer.answer === 'none')
    return answer.refused === true && node.config.ssh?.host === undefined ? 'other' : 'nobody';
  return answer.answer === 'expected' ? 'ours' : 'other';
}
