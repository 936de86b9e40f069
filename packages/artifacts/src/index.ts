import { artifactsPlugin } from './artifacts-plugin.js';

export { ArtifactError } from './artifact-error.js';
export type { ArtifactPlace } from './artifact-place.js';
export { type ArtifactsSettings, artifactsSettings } from './artifacts-settings.js';
export { collectArtifacts, noteReferences, type References } from './collect-artifacts.js';
export { DirectoryPlace } from './directory-place.js';
export { HttpPlace, type HttpPlaceOptions } from './http-place.js';
export { SealedArtifacts } from './sealed-artifacts.js';
export type { SealingKeys } from './sealed-stream.js';
export { artifactsPlugin };
export default artifactsPlugin;
