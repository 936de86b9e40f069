import { InvalidArgumentError } from 'commander';
import { HARDWARE_CHECKLIST } from '../../checklist/hardware-checklist.js';

/** Numbers of assumptions as an option says them, for example `1,3`. */
export function parseItems(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const found = HARDWARE_CHECKLIST.find(({ id }) => String(id) === word.trim());
    if (found === undefined)
      throw new InvalidArgumentError(`numbers of the list, 1 to ${HARDWARE_CHECKLIST.length}, not "${word}"`);
    return found.id;
  });
}
