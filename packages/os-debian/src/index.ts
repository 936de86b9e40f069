export { debianImage, debianOsInstaller, debianPostInstaller } from './debian-builders.js';
export { DebianOs } from './debian-os.js';
export { debianProfile } from './debian-profile.js';
export { debianPlugin as default } from './debian-plugin.js';
