import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PostInstallAction } from '../action/post-install-action.js';
import { WriteAction } from '../action/write-action.js';
import { ProvisioningError } from '../provisioning-error.js';
import { mergedPart } from './declared-node.js';
import { declarativeWorkflowSchema } from './declarative-schema.js';
import { modePlaces } from './file-mode.js';
import { parseWorkflow } from './parse-workflow.js';
import { placeOfStep } from './place-of-step.js';
import { performSteps, stepNeedsRoot, stepsOf } from './planned-steps.js';

const TELL: PostInstallAction<{ readonly word: string }> = {
  id: 'tell',
  title: 'tells a word',
  place: 'local',
  schema: z.string().transform((word) => ({ word })),
  options: { loud: z.boolean().optional() },
  inputs: ({ word }) => ({ word }),
  perform: () => Promise.resolve(true),
};
const ACTIONS = [TELL, new WriteAction()] as readonly PostInstallAction[];

/** What is done for steps, in order, when these words change something. */
async function done(steps: readonly object[], changing: readonly string[]): Promise<string[]> {
  const { postInstall } = declarativeWorkflowSchema(ACTIONS).parse({ postInstall: steps });
  const words: string[] = [];
  await performSteps(
    stepsOf(postInstall ?? [], ACTIONS),
    (_id, input) => {
      const { word } = input as { readonly word: string };
      words.push(word);
      return Promise.resolve({ changed: changing.includes(word) });
    },
    '/',
  );
  return words;
}
const step = (tell: string, ...handlers: string[]) => ({
  tell,
  onChange: handlers.map((word) => ({ tell: word })),
});

describe('what is done when a step has changed something', () => {
  it('is done at the end, once, in the order of the steps', async () => {
    const steps = [
      step('a', 'restart', 'reload'),
      step('b', 'other'),
      step('c', 'reload', 'last'),
      { tell: 'd' },
    ];
    expect(await done(steps, ['a', 'c', 'restart'])).toEqual([
      'a',
      'b',
      'c',
      'd',
      'restart',
      'reload',
      'last',
    ]);
    expect(await done(steps, [])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is done after an action that does not tell, and not when it fails', async () => {
    const steps = stepsOf([step('a', 'restart')], ACTIONS);
    const ids: string[] = [];
    await performSteps(steps, (id) => (ids.push(id), Promise.resolve(true)), '/');
    expect(ids).toEqual(['tell', 'tell']);
    await expect(performSteps(steps, () => Promise.reject(new Error('no')), '/')).rejects.toThrow('no');
  });

  it('says where the step is written that fails, be it in a list of all nodes or of one', async () => {
    const workflow = declarativeWorkflowSchema(ACTIONS).parse({
      postInstall: [{ tell: 'all' }],
      hooks: { afterInstall: [{ tell: 'hook of all' }] },
      nodes: {
        node1: {
          postInstall: [{ tell: 'own', onChange: [{ tell: 'handler' }] }],
          hooks: { afterInstall: [{ tell: 'hook' }] },
        },
      },
    });
    const node = { id: 1, board: undefined } as const;
    const written: string[] = [];
    const place = {
      source: 'lab.yaml',
      placeOf: (keys: readonly PropertyKey[]) => ({ line: written.push(keys.join('.')), column: 1 }),
    };
    const [first] = stepsOf(
      mergedPart(workflow, node).postInstall!,
      ACTIONS,
      placeOfStep(workflow, node, ['postInstall'], place),
    );
    stepsOf(
      mergedPart(workflow, node).hooks!.afterInstall!,
      ACTIONS,
      placeOfStep(workflow, node, ['hooks', 'afterInstall'], place),
    );
    expect(written.sort()).toEqual([
      'workflow.hooks.afterInstall.0',
      'workflow.nodes.node1.hooks.afterInstall.0',
      'workflow.nodes.node1.postInstall.0',
      'workflow.nodes.node1.postInstall.0.onChange.0',
      'workflow.postInstall.0',
    ]);
    const hint = 'do it by hand';
    const failed = new ProvisioningError('NODE_FILE_MISSING', 'it is gone', { hint, category: 'phase' });
    await expect(performSteps([first!], () => Promise.reject(failed), '/')).rejects.toMatchObject({
      ...{
        code: 'NODE_FILE_MISSING',
        message: `${first!.place!}: it is gone`,
        hint,
        category: 'phase',
        cause: failed,
      },
    });
  });

  it('is looked at for root and for modes as the steps themselves', () => {
    const write = { write: { path: '/a', content: '', mode: 420 } };
    const steps = [{ tell: 'a', onChange: [write] }];
    expect(stepsOf(steps, ACTIONS).map(stepNeedsRoot)).toEqual([true]);
    expect(modePlaces({ postInstall: steps }).map(({ path }) => path)).toContainEqual([
      ...['postInstall', 0, 'onChange', 0, 'write'],
    ]);
  });

  it.each<[string, object, string[]]>([
    ['an unknown action', { tell: 'a', onChange: [{ tel: 'x' }] }, ['onChange[0].tel']],
    [
      'a wrong one',
      { tell: 'a', onChange: [{ tell: 'b' }, { tell: 5, loud: 1 }] },
      ['onChange[1].loud', 'onChange[1].tell'],
    ],
    ['none', { tell: 'a', onChange: [] }, ['onChange']],
    ['no list', { tell: 'a', onChange: { tell: 'b' } }, ['onChange']],
    ['steps of its own', { tell: 'a', onChange: [step('b', 'c')] }, ['onChange[0].onChange']],
    ['a fault beside it', { tell: 5, onChange: [{ tell: 5 }] }, ['onChange[0].tell', 'tell']],
  ])('is told at its place when it has %s', (_what, given, keys) => {
    const { issues } = parseWorkflow({ postInstall: [given] }, ACTIONS);
    const told = issues.map(({ path }) => z.core.toDotPath(path).replace('workflow.postInstall[0].', ''));
    expect(told.sort()).toEqual(keys);
  });
});
