import type { PhaseName, PhaseStage } from '@turingpi/core';
import { InvalidArgumentError } from 'commander';

/** The phases in order, by the words that the command line has for them. Core has the same: the help loads nothing of it. */
const PHASES_BY_WORD: Readonly<Record<PhaseStage, PhaseName>> = {
  image: 'image_customization',
  install: 'os_installation',
  post: 'post_installation',
};

/** The words for the phases, in order. */
export const PHASE_WORDS = Object.keys(PHASES_BY_WORD) as readonly PhaseStage[];

/** The word for a phase. */
export function wordOf(phase: PhaseName): PhaseStage {
  return PHASE_WORDS.find((word) => PHASES_BY_WORD[word] === phase) ?? 'image';
}

/** A phase as a command line says it: by its word, or by its name in the state file. */
export function parsePhase(text: string): PhaseName {
  const found = Object.entries(PHASES_BY_WORD).find(([word, name]) => word === text || name === text);
  if (found === undefined) throw new InvalidArgumentError(`a phase is image, install or post, not "${text}"`);
  return found[1];
}
