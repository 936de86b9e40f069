import type { Extension, JsonValue, Node } from '@turingpi/core/plugin';
import type { Progress, Secret, SecretSource } from '@turingpi/foundation';
import type { LocalRuntime, SshSession } from '@turingpi/runtime';
import type { z } from 'zod';

/** What an action does its work with. */
export interface ActionEnvironment {
  readonly node: Pick<Node, 'id' | 'hostname' | 'ipAddress'>;
  readonly signal: AbortSignal;
  /** Where relative paths of this computer start: the folder of the configuration, or the working directory. */
  readonly baseDir: string;
  /** Tells what is going on. What is known to be secret is blotted out. */
  readonly progress: (progress: Progress) => void;
  /** The connection to the node, which is made when it is first asked for and kept for the next actions. */
  readonly session: () => Promise<SshSession>;
  /** Restarts the node, and waits until it answers again with its own host key. */
  readonly reboot: (timeoutMs?: number) => Promise<void>;
  /**
   * Connects to the node at another address, as `session` does from then on; it must show its own host key there. Where the
   * configuration says where its SSH is, it is there.
   *
   * @param timeoutMs - after which it is not reached, in milliseconds
   */
  readonly moveTo: (address: string, timeoutMs: number) => Promise<SshSession>;
  /** Runs programs on this computer. */
  readonly local: LocalRuntime;
  /** A digest of what may be secret, which nobody without the project's key can test guesses against. */
  readonly digest: (content: string | Uint8Array) => Promise<string>;
  /**
   * Reads a secret from where it is, and keeps it out of everything that is told from then on.
   *
   * @throws ProvisioningError `CREDENTIAL_UNREADABLE` naming the variable or file.
   */
  readonly secret: (source: SecretSource) => Promise<Secret>;
  /** A text without the secrets that are known. Results need no such care: they are recorded without them. */
  readonly redact: (text: string) => string;
}

/** What an action may use while nothing is done yet. */
export type ActionInputEnvironment = Pick<
  ActionEnvironment,
  'node' | 'signal' | 'baseDir' | 'digest' | 'secret'
>;

/** What an action would do now. */
export interface ActionPreview {
  readonly wouldChange: boolean;
  /** What differs, for people: lines of a unified diff. */
  readonly diff?: string;
}

/** A method of the objects that callbacks get, which does an action. */
export interface ActionMethod<Input = unknown> {
  /** Of which object, and its name. The action goes on record under it. */
  readonly name: `local.${string}` | `remote.${string}`;
  /** The input that its arguments mean; undefined when there is nothing to do. */
  input(...args: never[]): Input | undefined;
}

/** A file of this computer that an action reads. */
export interface NamedLocalFile {
  /** Where the input names it. */
  readonly path: readonly PropertyKey[];
  readonly file: string;
}

/**
 * One kind of thing that is done to a node after its installation: a step of a configuration file, and a method in code.
 *
 * @remarks
 * What it did is on record: a later run with equal inputs returns the recorded result and does not touch the node.
 * Whatever changes on a node when it is done twice must therefore be decided by its inputs alone.
 */
export interface PostInstallAction<Input = unknown> extends Extension {
  /** The key of a step in a configuration file: `apt`. */
  readonly id: string;
  /** What it does, for people: `installs packages with apt`. */
  readonly title: string;
  /** What it is done to: an action of the node sees to it that the node is there, and the right one, beforehand. */
  readonly place: 'node' | 'local';
  /**
   * What stands under its key in a configuration file, and becomes the input. Without it, it is for code alone.
   *
   * @remarks A key `mode` there is a file mode: use `fileMode`, which takes octal numbers as they are written.
   */
  readonly schema?: z.ZodType<Input>;
  /** Further keys that a step may have beside its own: they go into the input, which is then an object. */
  readonly options?: Readonly<Record<string, z.ZodType>>;
  /** How code calls it. Default: a method named as its id, whose argument is what would stand in a configuration file. */
  readonly method?: ActionMethod<Input>;
  /** Whether it works as root, so that the image is made for that. Default: whatever is done on the node does. */
  needsRoot?(input: Input): boolean;
  /** Files of this computer that it reads: those that are missing are told before anything runs. */
  localFiles?(input: Input): readonly NamedLocalFile[];
  /**
   * What becomes of it when it was done on this installation already, and comes again after a difference. Default: it is
   * done again, which is right for what looks first.
   */
  repetition?(input: Input): 'run' | 'ask';
  /** A name under which it is done once in an installation. Default: none. */
  once?(input: Input): string | undefined;
  /** What it is about, in a few words, for people who watch. */
  note?(input: Input): string;
  /**
   * Everything that decides its effect, as JSON: contents as their digests, and what may be secret as its keyed digest.
   *
   * @throws TuringPiError when it cannot be done with this input.
   */
  inputs(input: Input, environment: ActionInputEnvironment): JsonValue | Promise<JsonValue>;
  /**
   * Does it. What it returns is recorded, and returned again by later runs.
   *
   * @throws TuringPiError when it is not done; the reason of the signal when it is stopped.
   */
  perform(input: Input, environment: ActionEnvironment): Promise<JsonValue>;
  /**
   * What it would do now: it looks, and changes nothing. Only of actions that look first, and whose result says `changed`:
   * see {@link LookingAction}.
   */
  preview?(input: Input, environment: ActionEnvironment): Promise<ActionPreview>;
}

/** The object and the method by which code calls an action. */
export function methodNameOf({ id, place, method }: PostInstallAction): ActionMethod['name'] {
  return method?.name ?? (place === 'local' ? `local.${id}` : `remote.${id}`);
}

/** Whether an action works as root with an input. */
export function needsRoot(action: PostInstallAction, input: unknown): boolean {
  return action.needsRoot?.(input) ?? action.place === 'node';
}
