import type { OrchestratorCase } from './orchestrator-case.js';
import { orchestratorOrderCases } from './orchestrator-order-cases.js';
import { orchestratorStopCases } from './orchestrator-stop-cases.js';
import { orchestratorRecordCases } from './orchestrator-record-cases.js';
import type { OrchestratorSubject } from './orchestrator-subject.js';

/**
 * What every orchestrator must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of orchestratorCases(subject)) it(name, run);`
 */
export function orchestratorCases(subject: OrchestratorSubject): OrchestratorCase[] {
  return [
    ...orchestratorOrderCases(subject),
    ...orchestratorStopCases(subject),
    ...orchestratorRecordCases(subject),
  ];
}
