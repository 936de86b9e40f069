import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { hashInputs, type JsonValue } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import type { ConformanceCase } from '../conformance-case.js';
import { onTrial } from './on-trial.js';
import type { OperatingSystemSubject } from './operating-system-subject.js';

/** What an operating system says of itself, and plans. */
export function systemPlanCases(subject: OperatingSystemSubject): ConformanceCase[] {
  const { asked, otherwise, wrong } = subject;
  const on = onTrial(subject);
  const cases = [
    on('says what it is, and how a node of it is reached', async ({ system }) => {
      assert.match(system.id, /^[a-z][a-z0-9-]*$/);
      assert.ok(system.title.length > 0);
      assert.ok(['ssh', 'api', 'none'].includes(system.access), `access is ${system.access}`);
      assert.ok(Number.isInteger(system.recipe) && system.recipe > 0, 'recipe is not a whole number from 1');
      assert.equal(system.access !== 'ssh' || system.loginOf !== undefined, true, 'nobody can log in');
      await Promise.resolve();
    }),
    on('plans in JSON, which a round trip leaves as it is', async (trial) => {
      const plan = await trial.system.plan(await trial.request());
      assertJson(plan, 'the plan');
      assert.equal(hashInputs((await trial.plan()) as JsonValue), hashInputs(plan as JsonValue));
    }),
    on('has equal plans for equal requests, and leaves the request as it is', async (trial) => {
      const request = await trial.request();
      const before = JSON.stringify(request);
      const plan = await trial.system.plan(request);
      assert.equal(JSON.stringify(request), before);
      assert.deepEqual(await trial.system.plan(await trial.request()), plan);
    }),
    on('has another plan for another request', async (trial) => {
      assert.notDeepEqual(await trial.plan(otherwise), await trial.plan());
    }),
    on('plans without opening or reaching anything', async (trial) => {
      await trial.plan();
      assert.deepEqual([...trial.used, ...trial.ssh.targets], []);
    }),
    ...wrong.map(({ title, code, ...request }) =>
      on(`refuses ${title} with a code, before anything is opened`, async (trial) => {
        await assert.rejects(
          async () => trial.plan(request),
          (error) => {
            assert.ok(TuringPiError.is(error), String(error));
            assert.equal(error.code, code);
            assert.ok(error.hint.length > 0, 'it does not say what to do');
            return true;
          },
        );
        assert.deepEqual([...trial.used, ...trial.ssh.targets], []);
      }),
    ),
  ];
  const password = asked.credentials?.password;
  if (password !== undefined)
    cases.push(
      on('has no secret in a plan, nor anything that it could be guessed by', async (trial) => {
        const text = JSON.stringify(await trial.plan());
        assert.ok(!text.includes(password));
        for (const algorithm of ['sha256', 'sha512'])
          for (const encoding of ['hex', 'base64'] as const)
            assert.ok(!text.includes(createHash(algorithm).update(password).digest(encoding)));
        const credentials = { ...asked.credentials, password: `${password}-2` };
        assert.deepEqual(await trial.plan({ credentials }), JSON.parse(text));
      }),
    );
  return cases;
}

/** Whether a value is JSON, as far as it is not left out by it. */
function assertJson(value: unknown, place: string): void {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return;
  if (Number.isFinite(value)) return;
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  assert.ok(prototype === Object.prototype || Array.isArray(value), `${place} is no JSON`);
  for (const [key, entry] of Object.entries(value as object)) assertJson(entry, `${place}.${key}`);
}
