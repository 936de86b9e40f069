import type { CustomizedImage, JsonValue } from '@turingpi/core/plugin';
import type { CredentialPlan } from '../credential/credential-plan.js';
import type { NetworkConfig } from '../image/network-config.js';
import type { NetworkInPlace } from './network-in-place.js';

/** A setting of an image that is another one than on the finished node, by the name of the input. */
export interface SettingChange {
  /** For example `timezone`. */
  readonly name: string;
  /** Undefined: it was not set, or only its digest is known. */
  readonly before: JsonValue | undefined;
  /** Undefined: it is not set any more. */
  readonly after: JsonValue | undefined;
  /** What else may be on the node by now: values that a run has begun to apply without coming to its end. */
  readonly tried: readonly JsonValue[];
}

/** Which settings of a finished node are to be changed as it runs. */
export interface ReconfigurationRequest {
  readonly changes: readonly SettingChange[];
  /** What is known of the image that the node was installed from. */
  readonly image: CustomizedImage;
  /** As whom the node is logged in to; undefined when nobody can. */
  readonly username: string | undefined;
  /** All that is wanted, what has not changed included. */
  readonly network: NetworkConfig;
  readonly credentials: CredentialPlan | undefined;
  /** Salt for the hash of a password: the same as in the image. */
  readonly passwordSalt: () => Promise<string>;
  /** What the node is to say of itself afterwards: {@link INSTALLATION_RECORD}. */
  readonly installationRecord: () => Promise<string>;
}

/** An action by its id, with its input. */
export interface DerivedAction {
  /** For example `timezone`. */
  readonly action: string;
  /** Makes what the action gets; called when it is its turn. */
  readonly input: () => unknown;
  /** Done when a login with the new settings has succeeded: for what takes an old way in away. */
  readonly afterLogin?: boolean;
}

/** How settings become true on a node that runs. */
export interface SettingsInPlace {
  /** Which of those asked about. */
  readonly settings: readonly string[];
  readonly actions: readonly DerivedAction[];
  /** They are settings of its network, which is changed after all actions, and before those that come after a login. */
  readonly network?: NetworkInPlace;
  /** What stays as it is, in a few words for people. */
  readonly leaves?: string;
}
