import type { ConformanceCase } from '../conformance-case.js';
import type { OperatingSystemSubject } from './operating-system-subject.js';
import { OperatingSystemTrial } from './operating-system-trial.js';

/** Makes cases of one operating system, each on a trial of its own. */
export function onTrial(
  subject: OperatingSystemSubject,
): (name: string, use: (trial: OperatingSystemTrial) => Promise<void>) => ConformanceCase {
  return (name, use) => ({
    name,
    run: async () => {
      await using trial = await OperatingSystemTrial.open(subject);
      await use(trial);
    },
  });
}
