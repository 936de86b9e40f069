import { expect, it } from 'vitest';
import { baseImageOf, mergedPart, originOf } from './declared-node.js';
import { parseWorkflow } from './parse-workflow.js';

const file = (name: string) => ({ path: `/etc/${name}`, content: name });
const { workflow } = parseWorkflow(
  {
    baseImages: { ubuntu: './all.img' },
    user: { name: 'admin' },
    timezone: 'Etc/UTC',
    files: [file('all')],
    nodes: {
      node1: { user: { name: 'first' }, files: [file('number')], baseImage: './number.img' },
      'shelf/1': { timezone: 'Europe/Rome', files: [file('one'), file('two')], baseImage: './one.img' },
      'shelf/2': { user: { passwordAuthentication: false } },
    },
  },
  undefined,
);
const SHELF1 = { id: 1, board: 'shelf' } as const;

it('what is said for one node of one board comes over what is said for its number, and that over what is for all', () => {
  const part = mergedPart(workflow, SHELF1);
  expect(part).toMatchObject({ user: { name: 'first' }, timezone: 'Europe/Rome' });
  expect(part.files?.map(({ path }) => path)).toEqual(['/etc/all', '/etc/number', '/etc/one', '/etc/two']);
  expect(mergedPart(workflow, { id: 1, board: 'rack' })).toMatchObject({ timezone: 'Etc/UTC' });
  expect(mergedPart(workflow, { id: 1, board: undefined }).files).toHaveLength(2);
  expect(mergedPart(workflow, { id: 2, board: 'shelf' }).user).toMatchObject({
    name: 'admin',
    passwordAuthentication: false,
  });
  const of = { os: 'ubuntu', board: 'rk1' };
  const images = [SHELF1, { id: 1, board: 'rack' } as const, { id: 3, board: 'shelf' } as const];
  expect(images.map((node) => baseImageOf(workflow, node, of)?.source)).toEqual([
    './one.img',
    './number.img',
    './all.img',
  ]);
});

it('each key is found where it was written', () => {
  const origin = (...keys: PropertyKey[]) => originOf(workflow, SHELF1, keys).join('.');
  expect([0, 1, 2, 3].map((index) => origin('files', index, 'path'))).toEqual([
    'files.0.path',
    'nodes.node1.files.0.path',
    'nodes.shelf/1.files.0.path',
    'nodes.shelf/1.files.1.path',
  ]);
  expect(origin('user', 'name')).toBe('nodes.node1.user.name');
  expect(origin('timezone')).toBe('nodes.shelf/1.timezone');
  expect(origin('baseImage')).toBe('nodes.shelf/1.baseImage');
  expect(origin('user', 'password')).toBe('user.password');
  expect(origin('baseImages', 'ubuntu')).toBe('baseImages.ubuntu');
});

it('a name that is none of a node is told, with what was meant', () => {
  const { issues } = parseWorkflow({ nodes: { noed1: {}, 'shelf/5': {}, 'shelf/1': { tmezone: 'x' } } }, []);
  expect(issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`).sort()).toEqual([
    expect.stringMatching(/^workflow\.nodes\.noed1 .*node1/),
    expect.stringMatching(/^workflow\.nodes\.shelf\/1\.tmezone .*timezone/),
    expect.stringMatching(/^workflow\.nodes\.shelf\/5 /),
  ]);
});
