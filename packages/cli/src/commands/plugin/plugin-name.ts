import { UsageError } from '../../process/usage-error.js';

/** A name as it is written in different places. */
export interface PluginName {
  /** Of packages, files and most ids: `deep-blue`. */
  readonly kebab: string;
  /** Of keys of the configuration: `deepBlue`. */
  readonly camel: string;
  /** Of classes: `DeepBlue`. */
  readonly pascal: string;
  /** Of constants: `DEEP_BLUE`. */
  readonly upper: string;
  /** For people: `Deep blue`. */
  readonly title: string;
}

const LONGEST = 50;

/** @throws UsageError unless it is words of small letters and digits, with hyphens between them */
export function pluginName(text: string): PluginName {
  if (text.length > LONGEST || !/^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/.test(text))
    throw new UsageError(
      `a plugin cannot be called "${text}"`,
      `Use words of small letters and digits with hyphens between them, at most ${LONGEST} characters: deep-blue.`,
    );
  const words = text.split('-');
  const pascal = words.map(capitalized).join('');
  return {
    kebab: text,
    camel: `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}`,
    pascal,
    upper: words.join('_').toUpperCase(),
    title: capitalized(words.join(' ')),
  };
}

/** A text in which one name stands for another, in whichever way it is written. */
export function renamed(text: string, from: PluginName, to: PluginName): string {
  const spellings = new Map(
    (Object.keys(from) as (keyof PluginName)[]).map((spelling) => [from[spelling], to[spelling]]),
  );
  return text.replaceAll(
    new RegExp([...spellings.keys()].join('|'), 'g'),
    (found) => spellings.get(found) ?? found,
  );
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
