import { expect, it } from 'vitest';
import { z } from 'zod';
import type { PostInstallAction } from '../action/post-install-action.js';
import { RunAction } from '../action/run-action.js';
import { declarativeWorkflowSchema } from './declarative-schema.js';

const APK: PostInstallAction = {
  id: 'apk',
  title: 'installs packages',
  place: 'node',
  schema: z.array(z.string()),
  inputs: () => ({}),
  perform: () => Promise.resolve(true),
};
const { schema: _, ...WITHOUT_SCHEMA } = APK;
const FOR_CODE: PostInstallAction = { ...WITHOUT_SCHEMA, id: 'probe' };

it('has a step for each action that a configuration file can say, also as a JSON schema for editors', () => {
  const schema = declarativeWorkflowSchema([APK, FOR_CODE, new RunAction()]);
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const { postInstall } = described.properties as Record<string, z.core.JSONSchema.JSONSchema>;
  expect(postInstall).toMatchObject({
    items: {
      anyOf: [
        {
          properties: { apk: { type: 'array', items: { type: 'string' } } },
          required: ['apk'],
          additionalProperties: false,
        },
        {
          properties: { run: { anyOf: [{ type: 'string' }, { type: 'array' }] }, sudo: { type: 'boolean' } },
        },
      ],
    },
  });
  expect((postInstall?.items as { anyOf: unknown[] }).anyOf).toHaveLength(2);
});

it('takes any step while it is not known what can be done', () => {
  const { postInstall } = declarativeWorkflowSchema(undefined).parse({ postInstall: [{ apk: ['htop'] }] });
  expect(postInstall).toEqual([{ apk: ['htop'] }]);
});
