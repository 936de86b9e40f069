/** The decisions that all engines share, pure, and free of everything that a sandbox for workflows has not. */
export { retryDelayMs } from './rollout/retry-delay.js';
export { type BoardProgress, beginnable, outcomeOf, stateOfBoard } from './rollout/rollout-decisions.js';
export { isOpen, opensAt } from './rollout/rollout-windows.js';
