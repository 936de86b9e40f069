import { defineExtensionPoint, type ExtensionPoint } from '@turingpi/core/plugin';
import type { ContributedCommand } from './contributed-command.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    commands: ContributedCommand;
  }
}

/**
 * Commands of `turingpi`. They are contributed as objects: the help lists them before there is a cluster.
 *
 * @remarks A plugin needs nothing of this package at run time. In a program without the command its commands rest.
 */
export const COMMANDS: ExtensionPoint<ContributedCommand> = defineExtensionPoint<ContributedCommand>({
  key: 'commands',
  title: 'command',
  objectsOnly: true,
  check({ id, summary, examples, run }: { id: string; summary: unknown; examples: unknown; run: unknown }) {
    if (!/^[a-z][a-z0-9-]*$/.test(id)) return 'its `id` is not one word of lower-case letters, digits and -';
    if (typeof summary !== 'string' || summary === '') return 'it has no `summary`';
    if (!isListOfText(examples)) return 'it has no `examples`';
    return typeof run === 'function' ? undefined : 'it has no method `run`';
  },
});

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
