import type { PhaseName, StepResource } from '@turingpi/core/plugin';
import type { ActionStatus, NodeStatus, PhaseStatus, Power, RunStatus } from '../../src/model/run-view.js';

/** The phases in their order, by the names that the command line has for them. */
export const PHASE_WORDS: Readonly<Record<PhaseName, string>> = {
  image_customization: 'image',
  os_installation: 'install',
  post_installation: 'post',
};
export const PHASE_NAMES = Object.keys(PHASE_WORDS) as readonly PhaseName[];

export const RUN_STATUS: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  cancelling: 'being cancelled',
  completed: 'completed',
  failed: 'failed',
  incomplete: 'incomplete',
  aborted: 'aborted',
};
export const NODE_STATUS: Readonly<Record<NodeStatus, string>> = {
  waiting: 'waiting',
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  blocked: 'left as it is',
  aborted: 'stopped',
};
export const PHASE_STATUS: Readonly<Record<PhaseStatus, string>> = {
  running: 'running',
  completed: 'completed',
  skipped: 'skipped',
  blocked: 'left as it is',
  failed: 'failed',
  aborted: 'stopped',
};
export const ACTION_STATUS: Readonly<Record<ActionStatus, string>> = {
  running: 'running',
  completed: 'done',
  replayed: 'on record',
  failed: 'failed',
  aborted: 'stopped',
};
export const POWER: Readonly<Record<Power, string>> = {
  on: 'on',
  switched: 'set by install',
  unknown: 'not told',
};
export const RESOURCE: Readonly<Record<StepResource, string>> = {
  slot: 'the flash slot',
  'image-work': 'other image work',
  ssh: 'an SSH session',
};
