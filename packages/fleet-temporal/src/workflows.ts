/** What runs in the sandbox of Temporal: deterministic, without anything of Node.js. */
export { boardWorkflow } from './workflow/board-workflow.js';
export { drainWorkflow } from './workflow/drain-workflow.js';
export { planWorkflow } from './workflow/plan-workflow.js';
export { rolloutWorkflow } from './workflow/rollout-workflow.js';
