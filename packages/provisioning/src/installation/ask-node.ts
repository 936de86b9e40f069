import { SSH_PORT } from '@turingpi/runtime';
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
  return context.service(SSH_RUNTIME).askHostKey({ host, port, hostKeys }, { signal });
}
