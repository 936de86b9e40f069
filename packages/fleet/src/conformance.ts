/** One suite for every orchestrator, for any test runner. */
export type { OrchestratorCase } from './conformance/orchestrator-case.js';
export { orchestratorCases } from './conformance/orchestrator-cases.js';
export type {
  OpenedOrchestrator,
  OrchestratorSubject,
  SubjectAgent,
} from './conformance/orchestrator-subject.js';
export { ScriptedSteps } from './conformance/scripted-steps.js';
