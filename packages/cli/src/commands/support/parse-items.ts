import { InvalidArgumentError } from 'commander';
import { HARDWARE_ASSUMPTIONS } from '../../cluster/untried-hardware.js';

/** Numbers of assumptions as an option says them, for example `1,3`. The list itself is loaded by who goes through it. */
export function parseItems(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const id = Number(word);
    if (!/^\s*\d+\s*$/.test(word) || id < 1 || id > HARDWARE_ASSUMPTIONS.all)
      throw new InvalidArgumentError(`numbers of the list, 1 to ${HARDWARE_ASSUMPTIONS.all}, not "${word}"`);
    return id;
  });
}
