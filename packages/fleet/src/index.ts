export {
  type EmbeddedAgent,
  EmbeddedOrchestrator,
  type EmbeddedOrchestratorOptions,
} from './embedded/embedded-orchestrator.js';
