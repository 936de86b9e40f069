import type { ConformanceCase } from '../conformance-case.js';
import { stateJournalCases } from './state-journal-cases.js';
import { stateLeaseCases } from './state-lease-cases.js';
import { statePaperCases } from './state-paper-cases.js';
import { stateRecordCases } from './state-record-cases.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';

/**
 * What every store of the state must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of stateStoreCases(subject)) it(name, run);`
 */
export function stateStoreCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  return [
    ...stateRecordCases(subject),
    ...stateLeaseCases(subject),
    ...stateJournalCases(subject),
    ...statePaperCases(subject),
  ];
}
