import { fleetPlugin } from './fleet-plugin.js';

export { SiteAgent, type SiteAgentOptions } from './agent/site-agent.js';
export type { OpenBoardOptions } from './agent/open-board.js';
export { approvalFor } from './approval/approval-for.js';
export { type ApprovalQuestion, checkApproval } from './approval/check-approval.js';
export { newOperatorKey, privateKeyOf, publicLineOf } from './approval/operator-key.js';
export { signApproval } from './approval/sign-approval.js';
export {
  type EmbeddedAgent,
  EmbeddedOrchestrator,
  type EmbeddedOrchestratorOptions,
} from './embedded/embedded-orchestrator.js';
export { type Fleet, type FleetBoard, loadFleet } from './fleet-file/load-fleet.js';
export { rolloutOf, type RolloutWish } from './fleet-file/rollout-of.js';
export { fleetPlugin };
export default fleetPlugin;
