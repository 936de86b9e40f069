import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { hashInputs, type JsonValue } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import {
  type ActionInputEnvironment,
  ACTIONS,
  declarativeWorkflow,
  readSecretSource,
} from '@turingpi/provisioning';
import type { ActionSubject } from './action-subject.js';
import { ActionTrial, KNOWN_SECRET } from './action-trial.js';
import type { ConformanceCase } from '../conformance-case.js';

/** A stop takes no longer, in milliseconds. */
const STOP_LIMIT_MS = 30_000;

/**
 * What every post-install action must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of actionCases(subject)) it(name, run);`
 */
export function actionCases(subject: ActionSubject): ConformanceCase[] {
  const { id, input, otherInput, inputWith, step, wrongSteps = [] } = subject;
  const on = (name: string, use: (trial: ActionTrial) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      await using trial = await ActionTrial.open(subject);
      await use(trial);
    },
  });
  const cases = [
    on('says what it is, and how it is called', async (trial) => {
      await using cluster = await trial.cluster();
      const { title, method, schema } = cluster.registry.extensions.get(ACTIONS, id);
      assert.match(id, /^[a-z][A-Za-z0-9]*$/);
      assert.ok(title.length > 0);
      assert.match(method?.name ?? `remote.${id}`, /^(local|remote)\.[a-z][A-Za-z0-9]*$/);
      assert.equal(schema === undefined, step === undefined);
    }),
    on('has equal digests for equal inputs', async (trial) => {
      assert.equal(await digestOf(trial, subject, input), await digestOf(trial, subject, input));
    }),
    on('does its work once, and then returns what is on record without touching the node', async (trial) => {
      const first = await trial.perform(input);
      assert.ok(first.asked.some((what) => what !== 'connect'));
      assert.deepEqual(await trial.perform(input), { result: first.result, asked: [] });
    }),
    on('returns JSON, and no secret that is known', async (trial) => {
      const { result } = await trial.perform(input);
      assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
      assert.ok(!JSON.stringify(result).includes(KNOWN_SECRET));
    }),
    on('stops with the reason of the signal, soon, and is not on record then', async (trial) => {
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      trial.node.mood = 'slow';
      trial.node.onAsked = () => stop.abort(reason);
      await assert.rejects(
        within(trial.perform(input, stop.signal)),
        (error) => error === reason || (error as Error).cause === reason,
      );
      trial.node.mood = 'willing';
      assert.ok((await trial.perform(input)).asked.length > 0);
    }),
    on('fails with an error that has a code when the node refuses, and is done again then', async (trial) => {
      trial.node.mood = 'refusing';
      await assert.rejects(
        trial.perform(input),
        (error) => TuringPiError.is(error) && error.code !== 'PHASE_FAILED',
      );
      trial.node.mood = 'willing';
      assert.ok((await trial.perform(input)).asked.length > 0);
    }),
  ];
  if (otherInput !== undefined)
    cases.push(
      on('has another digest for other work, and does it', async (trial) => {
        assert.notEqual(await digestOf(trial, subject, input), await digestOf(trial, subject, otherInput));
        await trial.perform(input);
        assert.ok((await trial.perform(otherInput)).asked.length > 0);
      }),
    );
  if (inputWith !== undefined)
    cases.push(
      on('has a secret among its inputs as a keyed digest alone', async (trial) => {
        const secret = 'a-secret-of-the-case';
        const given = await inputsOf(trial, subject, inputWith(secret));
        const text = JSON.stringify(given);
        assert.ok(!text.includes(secret), 'the secret is among the inputs in clear');
        const plain = createHash('sha256').update(secret).digest('hex');
        assert.ok(!text.includes(plain), 'the digest is one that guesses can be tested against');
        const other = await inputsOf(trial, subject, inputWith('another-secret'));
        assert.notEqual(hashInputs(given), hashInputs(other));
      }),
    );
  if (step !== undefined)
    cases.push(
      on('is a step of a configuration file', async (trial) => {
        assert.deepEqual(await wrongKeys(trial, step), []);
      }),
      on('tells everything that is wrong in a step, each at its place', async (trial) => {
        assert.ok(wrongSteps.length > 0, 'no wrong step is given to try it with');
        for (const wrong of wrongSteps)
          assert.deepEqual(await wrongKeys(trial, wrong.step), [...wrong.keys].sort());
      }),
    );
  return cases;
}

/** Inputs of the action, which are JSON. */
async function inputsOf(trial: ActionTrial, { id }: ActionSubject, input: unknown): Promise<JsonValue> {
  await using cluster = await trial.cluster();
  const environment: ActionInputEnvironment = {
    node: { id: 1, hostname: 'node1', ipAddress: '10.0.0.11' },
    signal: new AbortController().signal,
    baseDir: trial.directory,
    digest: (content) =>
      Promise.resolve(createHmac('sha256', 'key of the case').update(content).digest('hex')),
    secret: (source) => readSecretSource(source, {}, trial.directory),
  };
  const inputs = await cluster.registry.extensions.get(ACTIONS, id).inputs(input, environment);
  const read = JSON.parse(JSON.stringify(inputs)) as JsonValue;
  assert.equal(hashInputs(read), hashInputs(inputs), 'the inputs are not JSON');
  return read;
}

async function digestOf(trial: ActionTrial, subject: ActionSubject, input: unknown): Promise<string> {
  return hashInputs(await inputsOf(trial, subject, input));
}

/** The keys that are refused of a step in a configuration file. */
async function wrongKeys(trial: ActionTrial, step: object): Promise<readonly string[]> {
  await using cluster = await trial.cluster({ baseImages: { any: 'base.img' }, postInstall: [step] });
  try {
    declarativeWorkflow(cluster, { environment: {} });
    return [];
  } catch (error) {
    if (!TuringPiError.is(error) || error.code !== 'CONFIG_INVALID') throw error;
    const { issues } = error.details as { readonly issues: readonly { readonly key: string }[] };
    return issues.map(({ key }) => key.replace(/^workflow\.postInstall\[0\]\.?/, '')).sort();
  }
}

async function within<T>(promise: Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(STOP_LIMIT_MS);
  return Promise.race([
    promise,
    new Promise<never>((_resolve, reject) => {
      limit.addEventListener(
        'abort',
        () => reject(new assert.AssertionError({ message: 'it does not stop' })),
        {
          once: true,
        },
      );
    }),
  ]);
}
