import { TuringPiError } from '@turingpi/core/plugin';

/** Shared images cannot be had, or are not what they should be. */
export class ArtifactError extends TuringPiError<
  'ARTIFACTS_UNREACHABLE' | 'ARTIFACT_DAMAGED' | 'ARTIFACT_SEALED'
> {}
