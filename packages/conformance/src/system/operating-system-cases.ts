import { appliedImageCases } from './applied-image-cases.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { OperatingSystemSubject } from './operating-system-subject.js';
import { systemPlanCases } from './system-plan-cases.js';
import { systemReadinessCases } from './system-readiness-cases.js';

/**
 * What every operating system must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of operatingSystemCases(subject)) it(name, run);`
 */
export function operatingSystemCases(subject: OperatingSystemSubject): ConformanceCase[] {
  return [...systemPlanCases(subject), ...appliedImageCases(subject), ...systemReadinessCases(subject)];
}
