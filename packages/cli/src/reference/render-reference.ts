import type { Command } from 'commander';
import { FORMER_CHECKS, FORMER_COMMANDS } from '../process/former-names.js';

/** What every command has is said once. */
const OF_ALL: ReadonlySet<string> = new Set(['--json', '--quiet', '--verbose', '--help', '--color']);

/**
 * The reference of the command in Markdown, as the definitions of the commands have it: each that does something, with its
 * arguments, options, remarks and examples.
 */
export function renderReference(program: Command): string {
  const groups = visibleCommands(program).map((command) =>
    isGroup(command) ? renderGroup(command) : renderCommand(command, '##'),
  );
  return [renderCommon(program), ...groups, renderFormerNames()].join('\n\n');
}

function renderCommon(program: Command): string {
  const [some] = visibleCommands(program);
  const options = [...(some === undefined ? [] : optionsOf(some)), ...optionsOf(program)].filter(({ long }) =>
    OF_ALL.has(long),
  );
  const rows = [...new Map(options.map((option) => [option.long, option])).values()];
  return ['## What every command has', '', ...table(['option', 'does'], rows)].join('\n');
}

function renderGroup(group: Command): string {
  const commands = visibleCommands(group).map((command) => renderCommand(command, '###'));
  return [`## turingpi ${group.name()}`, `${group.description()}.`, ...commands].join('\n\n');
}

function renderCommand(command: Command, heading: string): string {
  const options = optionsOf(command).filter(({ long }) => !OF_ALL.has(long));
  const values = command.registeredArguments.map((argument) => ({
    term: `${argument.required ? `<${argument.name()}` : `[${argument.name()}`}${argument.variadic ? '...' : ''}${argument.required ? '>' : ']'}`,
    about: described(argument.description, argument.argChoices, argument.defaultValue),
  }));
  return [
    `${heading} ${nameOf(command)}`,
    `${command.description()}.`,
    `\`\`\`text\n${nameOf(command)} ${command.usage()}\n\`\`\``,
    ...(values.length === 0 ? [] : [table(['argument', 'is'], values).join('\n')]),
    ...(options.length === 0 ? [] : [table(['option', 'does'], options).join('\n')]),
    ...remarksOf(command),
  ].join('\n\n');
}

interface Row {
  readonly term: string;
  readonly about: string;
}

function optionsOf(command: Command): readonly (Row & { readonly long: string })[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ flags, long, short, description, argChoices, defaultValue }) => ({
      ...{ long: long ?? short ?? '', term: flags },
      about: described(description, argChoices, defaultValue),
    }));
}

function described(
  description: string,
  choices: readonly string[] | undefined,
  defaultValue: unknown,
): string {
  return [
    description,
    ...(choices === undefined ? [] : [`one of ${choices.map((one) => `\`${one}\``).join(', ')}`]),
    ...(typeof defaultValue === 'string' ? [`default: \`${defaultValue}\``] : []),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function table([left, right]: readonly [string, string], rows: readonly Row[]): string[] {
  const cells = rows.map(({ term, about }) => `| \`${cell(term)}\` | ${cell(about)} |`);
  return [`| ${left} | ${right} |`, '| --- | --- |', ...cells];
}

/** Nothing in it ends the cell, or is taken for a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** What stands in the help after the options: remarks, then examples. */
function remarksOf(command: Command): readonly string[] {
  let help = '';
  const before = { ...command.configureOutput() };
  command.configureOutput({ writeOut: (text) => void (help += text) });
  command.outputHelp();
  command.configureOutput(before);
  const after = help.slice(command.helpInformation().length).trim();
  const [remarks = '', examples] = after.split(/^Examples?:\n/m);
  return [
    ...(remarks.trim() === '' ? [] : [remarks.trim()]),
    ...(examples === undefined ? [] : [`\`\`\`sh\n${examples.replaceAll(/^ {2}/gm, '').trimEnd()}\n\`\`\``]),
  ];
}

function renderFormerNames(): string {
  const names = [...FORMER_COMMANDS, ...FORMER_CHECKS].map(
    ([before, now]) => `| \`turingpi ${before}\` | \`turingpi ${now}\` |`,
  );
  return [
    '## Former names',
    '',
    'They work until the next minor version, and say on standard error what they are called now.',
    '',
    '| before | now |',
    '| --- | --- |',
    ...names,
  ].join('\n');
}

function visibleCommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
}

function isGroup(command: Command): boolean {
  return visibleCommands(command).length > 0;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
