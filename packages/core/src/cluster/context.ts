import type { Credentials } from '../node/credentials.js';
import type { Logger, NodeId, Secret } from '@turingpi/foundation';

import type { Token } from '../di/di.js';
import type { ModuleId } from '../node/module-id.js';
import type { Node } from '../node/node.js';
import type { JournaledPhaseStep, PhaseStep } from '../phase/phase-step.js';
import type {
  ConfiguredNode,
  CustomizedImage,
  InstalledNode,
  PhaseName,
  PhaseOutputs,
} from '../phase/phase.js';
import type { Extensions } from '../plugin/extension-point.js';

import type { NodeGenerations } from '../state/node-generations.js';
import type { SharedPapers } from '../state/shared-papers.js';

/** A node with the installation that is on record of it. */
export interface StandingNode {
  readonly node: Node;
  readonly installed: InstalledNode;
  /** The image that stands for what is on it; undefined where that is not on record, and in a plan of a new installation. */
  readonly image?: CustomizedImage;
}

/** What a workflow gets for one node, and what it hands to the builders. */
export interface Context {
  readonly node: Node;
  /** Only a plan is made: phases are asked what they would do, and whoever has a context changes nothing anywhere. */
  readonly planning: boolean;
  /** Fires on Ctrl-C or when the caller aborts; everything that waits listens to it. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly credentials: Credentials;
  /**
   * Where secrets given as `{ env: NAME }` are looked up: the `environment` that the cluster was created with, which
   * need not be the process's.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Directory for results and caches; exists, mode 0700 when made by us. */
  readonly cacheDir: string;
  /** The node's installations, counted, and the secrets made for each. */
  readonly generations: NodeGenerations;
  /** What the store of the state keeps by name besides the records; undefined where it keeps nothing. */
  readonly papers?: SharedPapers;

  /**
   * Makes a secret known that a builder was given, so that it is blotted out of messages, events and state wherever it
   * slips in. The configuration's own secrets are known already.
   *
   * @param reference - under which a record names it (`{ given: … }`): it is found again by that, in this process alone
   */
  registerSecret(secret: Secret, reference?: string): void;
  /** The secret that was registered under a reference; undefined when another process was given it. */
  givenSecret(reference: string): Secret | undefined;
  /** The id of the board that the records are about, once it is known: `serial:…`, `mac:…` or `key:…`. */
  boardId(): Promise<string | undefined>;
  /** A node of this board, this one or another, with the installation that is on record; undefined when none stands. */
  installedNode(id: NodeId): Promise<StandingNode | undefined>;
  /** Whether a node of this board is part of a run of this process, and has not come to its end. */
  isUnderWay(id: NodeId): boolean;
  /**
   * To be told on which module the node runs, by whoever has logged in and is about to change something there. Where no
   * module is on record, this one is from now on. A node that did not answer earlier in the run has proven itself by it.
   *
   * @throws IdentityError `MODULE_CHANGED` when the records are about another one.
   */
  checkModule(found: ModuleId): Promise<void>;
  /**
   * A service that the plugins have registered.
   *
   * @throws PluginError `PLUGIN_SERVICE_MISSING` when none of them brings it.
   */
  service<T>(token: Token<T>): T;
  /** What the plugins have contributed, for builders to ask for. */
  readonly extensions: Extensions;
  /** Runs a phase through its lifecycle: skip when nothing changed, else execute and record. */
  runPhase<P extends PhaseName>(step: PhaseStep<P>): Promise<PhaseOutputs[P]>;
  /** Runs the post-install phase, whose inputs are known only as it runs. */
  runJournaledPhase(step: JournaledPhaseStep): Promise<ConfiguredNode>;
}
