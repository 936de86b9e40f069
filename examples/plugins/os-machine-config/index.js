import { definePlugin } from '@turingpi/core/plugin';
import provisioning, { imageBuilderOf, osInstallerOf } from '@turingpi/provisioning';
import { MachineConfigOs } from './machine-config-os.js';

export { MachineConfigOs } from './machine-config-os.js';

/** The plugin with settings of its own: `{ joinSecret: { file: './join' }, port: 50000 }`. */
export const machineConfig = (options) =>
  definePlugin({
    name: 'turingpi-os-machine-config',
    version: '0.1.0',
    requires: [provisioning],
    os: [new MachineConfigOs(options)],
  });

export default machineConfig();

export const machineConfigImage = () => imageBuilderOf('machine-config');
export const machineConfigInstaller = (options) => osInstallerOf('machine-config', options);
