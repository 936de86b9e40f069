import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

let tag: Promise<string> | undefined;

/**
 * Tells this computer from others that may share a directory with it, also from those with the same host name, and a
 * container from its host: process numbers mean something only here. Eight hexadecimal digits, made of the host name, the
 * machine's id (machine-id(5)) and the space of process numbers (pid_namespaces(7)), where the system has them.
 */
export function computerTag(): Promise<string> {
  return (tag ??= makeTag());
}

async function makeTag(): Promise<string> {
  const unknown = () => '';
  const [machine, processes] = await Promise.all([
    readFile('/etc/machine-id', 'utf8').catch(unknown),
    readlink('/proc/self/ns/pid').catch(unknown),
  ]);
  const parts = [hostname(), machine.trim(), processes];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
