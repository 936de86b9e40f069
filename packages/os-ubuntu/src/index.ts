export { ubuntuImage, ubuntuOsInstaller, ubuntuPostInstaller } from './ubuntu-builders.js';
export { UbuntuOs } from './ubuntu-os.js';
export { ubuntuProfile } from './ubuntu-profile.js';
export { ubuntuPlugin as default } from './ubuntu-plugin.js';
