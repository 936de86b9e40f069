import { cwd } from 'node:process';
import type { Context, Journal, JsonValue, PhaseEnvironment } from '@turingpi/core/plugin';
import type { Progress, Secret } from '@turingpi/foundation';
import type { LocalRuntime } from '@turingpi/runtime';
import {
  type ActionEnvironment,
  methodNameOf,
  type PostInstallAction,
} from '../action/post-install-action.js';
import { keyedDigest } from '../credential/keyed-digest.js';
import { readSecretSource } from '../credential/read-secret-source.js';
import type { LazySession } from './lazy-session.js';
import { ActionResult } from './action-result.js';
import { asData, asRecorded } from './as-data.js';
import type { PreviewedAction } from './previewed-action.js';
import { redactJson } from './redact-json.js';

/** What actions are performed with. */
export interface ActionPerformerParts {
  readonly context: Pick<Context, 'node' | 'generations' | 'environment' | 'registerSecret'>;
  readonly phase: Pick<PhaseEnvironment, 'signal' | 'progress'>;
  readonly journal: Journal;
  readonly session: LazySession;
  readonly local: LocalRuntime;
  /** What is blotted out of results and of what is told. */
  readonly secrets: readonly Secret[];
  /** Nothing is done: told of each action what it would do. */
  readonly onPreview?: ((previewed: PreviewedAction) => void) | undefined;
}

/** Performs actions through the journal: says what runs, keys what may be secret, and keeps secrets out of results. */
export class ActionPerformer {
  #count = 0;
  /** Inputs are computed in the order of the calls: that of the journal, also when a callback does not await them. */
  #inputs: Promise<unknown> = Promise.resolve();
  /** Those that actions have read: what comes after may print them. */
  readonly #secrets: Secret[] = [];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #failed: { readonly result: ActionResult<unknown>; readonly error: unknown }[] = [];

  constructor(private readonly parts: ActionPerformerParts) {}

  /**
   * Does an action, unless it is on record at this place.
   *
   * @param input - makes the input when the actions before have theirs; undefined: there is nothing to do
   * @returns Its result.
   */
  perform(action: PostInstallAction, input: () => unknown, baseDir = cwd()): Promise<JsonValue | undefined> {
    const work = this.#perform(action, input, this.#environment(baseDir));
    const result = ActionResult.of(work);
    const settled: Promise<void> = work.then(
      () => void this.#pending.delete(settled),
      (error: unknown) => {
        this.#pending.delete(settled);
        this.#failed.push({ result, error });
      },
    );
    this.#pending.add(settled);
    return result;
  }

  /**
   * Waits for actions that were called and not awaited.
   *
   * @throws What one of them throws: nobody else would notice. A failure that was awaited is the callback's to judge.
   */
  async drain(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending); // also those that are begun meanwhile
    const lost = this.#failed.find(({ result }) => !result.isNoticed);
    if (lost !== undefined) throw lost.error;
  }

  async #perform(
    action: PostInstallAction,
    makeInput: () => unknown,
    environment: ActionEnvironment,
  ): Promise<JsonValue | undefined> {
    const computed = this.#inputs.then(async () => {
      const input = makeInput();
      if (input === undefined) return undefined;
      return { input, inputs: asData(await action.inputs(input, environment), action) };
    });
    this.#inputs = computed.catch(() => undefined);
    const asked = await computed;
    if (asked === undefined) return undefined;
    const { input, inputs } = asked;
    const { journal, session, onPreview } = this.parts;
    const name = methodNameOf(action);
    this.#count += 1;
    const done = this.#count;
    const about = environment.redact(action.note?.(input) ?? '').slice(0, 120);
    if (onPreview !== undefined) {
      if (action.place !== 'local') await session.open();
      const preview = await action.preview?.(input, environment);
      const diff = preview?.diff === undefined ? {} : { diff: environment.redact(preview.diff) };
      onPreview({ action: name, note: about, wouldChange: preview?.wouldChange, ...diff });
      return null;
    }
    const execute = async (): Promise<JsonValue> => {
      const note = [name, about].filter((part) => part !== '').join(' ');
      environment.progress({ activity: 'post-install', done, unit: 'steps', note });
      const result = asRecorded(await action.perform(input, environment), action);
      return redactJson(result, environment.redact);
    };
    const prepare = async () => {
      // It is there, and the right one, before anything is done to it.
      if (action.place !== 'local') await session.open();
    };
    const result = await journal.perform(name, inputs, execute, {
      prepare,
      note: about === '' ? undefined : about,
      repetition: action.repetition?.(input),
      once: action.once?.(input),
    });
    return action.preview !== undefined && result === true ? DONE_BY_EARLIER_VERSION : result;
  }

  #environment(baseDir: string): ActionEnvironment {
    const { context, phase, session, local, secrets } = this.parts;
    const redact = (text: string) => redactorOf([...secrets, ...this.#secrets])(text);
    return {
      node: context.node,
      signal: phase.signal,
      baseDir,
      progress: ({ note, ...progress }: Progress) =>
        phase.progress(note === undefined ? progress : { ...progress, note: redact(note).slice(0, 120) }),
      session: () => session.open(),
      reboot: (timeoutMs) => session.reboot(timeoutMs),
      moveTo: (address, timeoutMs) => session.moveTo(address, timeoutMs),
      local,
      digest: async (content) => keyedDigest(content, await context.generations.digestKey()),
      secret: async (source) => {
        const secret = await readSecretSource(source, context.environment, baseDir);
        context.registerSecret(secret);
        this.#secrets.push(secret);
        return secret;
      },
      redact,
    };
  }
}

/** What earlier versions recorded of actions that look first now is that they were done. */
const DONE_BY_EARLIER_VERSION: JsonValue = { changed: true };

const SHOWN = '[secret]';

function redactorOf(secrets: readonly Secret[]): (text: string) => string {
  return (text) =>
    secrets
      .map((secret) => secret.reveal())
      .filter((value) => value.length >= 4) // shorter ones would tear ordinary text apart
      .reduce((rest, value) => rest.replaceAll(value, SHOWN), text);
}
