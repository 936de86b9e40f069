import type { ImageFiles } from '@turingpi/image';
import type { ShippedLogin } from '@turingpi/provisioning';
import type {
  BoardFamily,
  CloudInitState,
  DetectedImage,
  Distribution,
  ImageFamily,
} from '../detection/detected-image.js';

/** What tells of which family an image is. */
export interface FamilyEvidence {
  readonly root: ImageFiles;
  readonly distribution: Distribution;
  readonly board: BoardFamily;
  readonly cloudInit: CloudInitState['state'];
}

/**
 * Images by who made them, with what is peculiar about the first boot of theirs. A family is one file beside this one,
 * listed in `families.ts`.
 */
export interface ImageFamilyDefinition {
  readonly id: ImageFamily;
  /** Whether an image is of this family; the first that says so is it. */
  matches(evidence: FamilyEvidence): boolean | Promise<boolean>;
  /** The wired interface, where its name is certain. */
  readonly wiredInterface?: { readonly name: string; readonly reason: string };
  /** The login that its images are publicly known to have. */
  readonly shippedLogin?: ShippedLogin;
  /** Its seed is read by a cloud-init of Raspberry Pi's, which leaves SSH off unless it is told to switch it on. */
  readonly seedSwitchesSshOn?: boolean;
  /** A wizard of its own between the first boot and the first login, where one is due. */
  wizard?(root: ImageFiles): Promise<DetectedImage['firstLogin'] | undefined>;
  /** Keeps its first boot from making host keys other than ours. */
  keepHostKeys?(root: ImageFiles): Promise<void>;
  /** Keeps its first boot from asking for a user that is there already. */
  quietFirstBoot?(root: ImageFiles): Promise<void>;
}
