import { Argument, type Command } from 'commander';
import { SHELLS } from '../../completion/completion-script.js';
import type { Terminal } from '../../process/terminal.js';
import { COMPLETE } from '../contributed/wanted-of-plugins.js';
import type { completion } from './completion.js';

/** Adds the command that prints what a shell needs to complete command lines, and the one that shell asks then. */
export function addCompletionCommands(
  program: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  program
    .command('completion')
    .description('Print what a shell needs to complete commands, nodes, phases and images')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Put the line of your shell into its start-up file: ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish.

Examples:
  eval "$(turingpi completion bash)"
  eval "$(turingpi completion zsh)"
  turingpi completion fish | source`,
    )
    .action(async (shell: Parameters<typeof completion>[0]) =>
      exit(await (await import('./completion.js')).completion(shell, terminal)),
    );

  program
    .command(COMPLETE, { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) =>
      exit(await (await import('./complete.js')).complete(program, words, terminal)),
    );
}
