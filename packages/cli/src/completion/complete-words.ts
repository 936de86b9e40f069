import type { Argument, Command, Option } from 'commander';
import { argumentAt, type Place, placeOf } from './place-in-command.js';

/** Something that could stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What could stand where the cursor is. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What the shell itself adds to them. */
  readonly paths?: 'files' | 'folders';
}

/** Finds values of a kind, which is what help calls them: `nodes` for `-n, --node <nodes>`. */
export type ValuesOf = (kind: string) => Promise<Completion>;

/** Kinds of which several may be given, with commas between them. */
const LISTS: ReadonlySet<string> = new Set(['nodes', 'disks']);

/**
 * Completes a command line from the definitions of the commands.
 *
 * @param words - those after the program, up to the cursor; the last one is being typed, and empty where it has not begun
 */
export async function completeWords(
  program: Command,
  words: readonly string[],
  valuesOf: ValuesOf,
): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const place = placeOf(program, words.slice(0, -1));
  if (place.option !== undefined) return valuesLike(place.option, typed, valuesOf);
  const [, flag = '', value] = /^(--[a-z-]+)=(.*)$/s.exec(typed) ?? [];
  const assigned = place.command.options.find(({ long }) => long === flag);
  if (assigned !== undefined && value !== undefined && !place.isLiteral)
    return withPrefix(`${flag}=`, await valuesLike(assigned, value, valuesOf));
  if (typed.startsWith('-') && !place.isLiteral) return { candidates: optionsLike(place, typed) };
  const subcommands = subcommandsLike(place, typed);
  const argument = argumentAt(place);
  if (argument === undefined) return { candidates: subcommands };
  const values = await valuesLike(argument, typed, valuesOf);
  return { ...values, candidates: [...subcommands, ...values.candidates] };
}

function subcommandsLike({ command, operands }: Place, typed: string): readonly Candidate[] {
  if (operands.length > 0) return [];
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name().startsWith(typed))
    .map((one) => ({ value: one.name(), about: one.description() }));
}

function optionsLike({ command, given }: Place, typed: string): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => option.variadic || !given.has(option))
    .flatMap((option) => {
      const flag = option.long ?? option.short ?? '';
      return flag.startsWith(typed) ? [{ value: flag, about: option.description }] : [];
    });
}

/** Values of an option or an argument that begin with what is typed. */
async function valuesLike(of: Option | Argument, typed: string, valuesOf: ValuesOf): Promise<Completion> {
  if (of.argChoices !== undefined)
    return { candidates: of.argChoices.filter((one) => one.startsWith(typed)).map((value) => ({ value })) };
  const kind = kindOf(of);
  const before = LISTS.has(kind) ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  const begun = typed.slice(before.length);
  const earlier = new Set(before.split(','));
  const { candidates, ...rest } = await valuesOf(kind);
  const fitting = candidates.filter(({ value }) => value.startsWith(begun) && !earlier.has(value));
  return withPrefix(before, { ...rest, candidates: fitting });
}

/** What help calls the value: the word between the brackets of `--node <nodes>`, or the name of an argument. */
function kindOf(of: Option | Argument): string {
  return 'flags' in of ? (/[<[]([^\]>.]+)/.exec(of.flags)?.[1] ?? '') : of.name();
}

function withPrefix(prefix: string, completion: Completion): Completion {
  const candidates = completion.candidates.map((one) => ({ ...one, value: `${prefix}${one.value}` }));
  return { ...completion, candidates };
}
