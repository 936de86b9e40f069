import type { PhaseName } from '@turingpi/core';
import { InvalidArgumentError } from 'commander';

const PHASES_BY_NAME: ReadonlyMap<string, PhaseName> = new Map([
  ['image', 'image_customization'],
  ['install', 'os_installation'],
  ['post', 'post_installation'],
]);

/** A phase as an option says it: `image`, `install` or `post`. */
export function parsePhase(text: string): PhaseName {
  const phase = PHASES_BY_NAME.get(text);
  if (phase === undefined)
    throw new InvalidArgumentError(`phases are image, install and post, not "${text}"`);
  return phase;
}
