import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { NewStepAction } from './new-step-action.js';
import { NEW_STEP } from './new-step-key.js';

export { type NewStep, NewStepAction } from './new-step-action.js';

const plugin: Plugin = definePlugin({
  name: 'turingpi-action-new-step',
  requires: [provisioning],
  configKeys: [NEW_STEP],
  actions: [NewStepAction],
});
export default plugin;
