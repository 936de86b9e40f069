export type { FleetConnectionOptions, FleetTls } from './client/fleet-connection-options.js';
export { type CodecPayload, SealingCodec } from './codec/sealing-codec.js';
export { FleetEngineError } from './fleet-engine-error.js';
export { TemporalOrchestrator, type TemporalOrchestratorOptions } from './temporal-orchestrator.js';
export { bundleWorkflows, type BundledWorkflows } from './worker/bundle-workflows.js';
export { type FleetAgentOptions, startFleetAgent } from './worker/fleet-agent.js';
export { type FleetControllerOptions, startFleetController } from './worker/fleet-controller.js';
export type { RunningWorkers } from './worker/running-workers.js';
export { type StepTimings, USUAL_TIMINGS } from './workflow/step-timings.js';
