import { chmod, lstat, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { BlockInFileAction } from './block-in-file-action.js';
import { CopyAction } from './copy-action.js';
import { HostNode, treeOf } from './host-node.fixture.js';
import { LineInFileAction } from './line-in-file-action.js';
import { MkdirAction } from './mkdir-action.js';
import type { PostInstallAction } from './post-install-action.js';
import { RemoveAction } from './remove-action.js';
import { SymlinkAction } from './symlink-action.js';
import { TemplateAction } from './template-action.js';
import { WriteAction } from './write-action.js';

const isRoot = process.getuid?.() === 0;

/** Files are root's: only root can say so. */
describe.skipIf(!isRoot)('actions on files, as root', () => {
  const text = (file: string) => readFile(file, 'utf8');
  const modeOf = async (file: string) => (await stat(file)).mode & 0o7777;

  it.each<[string, PostInstallAction, (dir: string) => object]>([
    [
      'write',
      new WriteAction(),
      (dir) => ({ write: { path: `${dir}/new/file`, content: 'x\n', mode: '0640' } }),
    ],
    ['copy', new CopyAction(), (dir) => ({ copy: { source: 'local', path: `${dir}/copied`, mode: '0755' } })],
    ['template', new TemplateAction(), (dir) => ({ template: { source: 'local', path: `${dir}/made` } })],
    ['lineInFile', new LineInFileAction(), (dir) => ({ lineInFile: { path: `${dir}/there`, line: 'two' } })],
    [
      'blockInFile',
      new BlockInFileAction(),
      (dir) => ({ blockInFile: { path: `${dir}/there`, name: 'app', block: 'a\nb' } }),
    ],
    [
      'symlink',
      new SymlinkAction(),
      (dir) => ({ symlink: { path: `${dir}/below/link`, target: '../there' } }),
    ],
    ['remove', new RemoveAction(), (dir) => ({ remove: [`${dir}/full`, `${dir}/none`], recursive: true })],
    [
      'mkdir',
      new MkdirAction(),
      (dir) => ({ mkdir: { path: `${dir}/a/b`, mode: '0750', owner: 'daemon:daemon' } }),
    ],
  ])('%s changes what is not so, and nothing the second time', async (_id, action, step) => {
    const dir = await temporaryDirectory();
    await writeFile(path.join(dir, 'local'), 'content\n');
    await writeFile(path.join(dir, 'there'), 'one\n', { mode: 0o600 });
    await mkdir(path.join(dir, 'full'));
    await writeFile(path.join(dir, 'full', 'file'), '');
    const node = new HostNode();
    const before = await treeOf(dir);
    const input = await previewed(action, step(dir), node, dir);
    expect(input).toMatchObject({ wouldChange: true });
    expect(await treeOf(dir)).toEqual(before); // a preview changes nothing
    expect(await node.perform(action, step(dir), dir)).toMatchObject({ changed: true });
    const after = await treeOf(dir);
    expect(after).not.toEqual(before);
    expect(await node.perform(action, step(dir), dir)).toEqual({ changed: false });
    expect(await previewed(action, step(dir), node, dir)).toEqual({ wouldChange: false });
    expect(await treeOf(dir)).toEqual(after);
  });

  /** What an action says that it would do. */
  async function previewed(action: PostInstallAction, step: object, node: HostNode, dir: string) {
    const { id, schema, options } = action;
    const { [id]: value, ...given } = step as Record<string, unknown>;
    const input: unknown = schema?.parse(value);
    const whole = options === undefined ? input : { ...(input as object), ...given };
    return action.preview?.(whole, node.environment(dir));
  }

  it('write shows what differs, but nothing of files that not everybody may read', async () => {
    const dir = await temporaryDirectory();
    const file = path.join(dir, 'file');
    await writeFile(file, 'a\nb\nc\n');
    const node = new HostNode();
    const write = (content: string, mode: string) =>
      node.perform(new WriteAction(), { write: { path: file, content, mode } });
    expect((await write('a\nB\nc\n', '0644'))['diff']).toContain('-b\n+B\n');
    expect(await write('secret\n', '0600')).toEqual({ changed: true });
    expect(await modeOf(file)).toBe(0o600);
    expect(await write('open\n', '0644')).toEqual({ changed: true }); // what was hidden stays hidden
    expect(await write('open\n', '0755')).toEqual({ changed: true }); // the mode alone
    expect(await modeOf(file)).toBe(0o755);
  });

  it('write takes the place of a link, and leaves what it leads to', async () => {
    const dir = await temporaryDirectory();
    await writeFile(path.join(dir, 'other'), 'kept');
    await symlink('other', path.join(dir, 'link'));
    const step = { write: { path: path.join(dir, 'link'), content: 'mine' } };
    expect(await new HostNode().perform(new WriteAction(), step)).toEqual({ changed: true });
    expect(await text(path.join(dir, 'other'))).toBe('kept');
    expect(await text(path.join(dir, 'link'))).toBe('mine');
  });

  it('lineInFile keeps mode and owner, and edits through a link', async () => {
    const dir = await temporaryDirectory();
    await writeFile(path.join(dir, 'file'), 'Port 22\n#Port 23\n');
    await chmod(path.join(dir, 'file'), 0o640);
    await symlink('file', path.join(dir, 'link'));
    const step = { lineInFile: { path: path.join(dir, 'link'), line: 'Port 2222', match: '^Port ' } };
    await new HostNode().perform(new LineInFileAction(), step);
    expect(await text(path.join(dir, 'file'))).toBe('Port 2222\n#Port 23\n');
    expect(await modeOf(path.join(dir, 'file'))).toBe(0o640);
    expect((await lstat(path.join(dir, 'link'))).isSymbolicLink()).toBe(true);
  });

  it.each([
    ['lineInFile', new LineInFileAction(), { line: 'x' }],
    ['blockInFile', new BlockInFileAction(), { name: 'x', block: 'x' }],
  ] as const)('%s makes a missing file only when told so', async (id, action, more) => {
    const file = path.join(await temporaryDirectory(), 'none');
    const node = new HostNode();
    await expect(node.perform(action, { [id]: { path: file, ...more } })).rejects.toMatchObject({
      code: 'NODE_FILE_MISSING',
    });
    expect(await node.perform(action, { [id]: { path: file, ...more, create: true } })).toMatchObject({
      changed: true,
    });
    expect(await text(file)).toContain('x');
  });

  it('symlink replaces a link, and a file only by force, and a directory never', async () => {
    const dir = await temporaryDirectory();
    const link = path.join(dir, 'link');
    await symlink('elsewhere', link);
    await writeFile(path.join(dir, 'file'), '');
    await mkdir(path.join(dir, 'folder'));
    const make = (name: string, force = false) =>
      new HostNode().perform(new SymlinkAction(), {
        symlink: { path: path.join(dir, name), target: 'there', force },
      });
    await make('link');
    expect(await readlink(link)).toBe('there');
    await expect(make('file')).rejects.toMatchObject({ code: 'NODE_PATH_TAKEN' });
    await make('file', true);
    expect(await readlink(path.join(dir, 'file'))).toBe('there');
    await expect(make('folder', true)).rejects.toMatchObject({ code: 'NODE_PATH_TAKEN' });
  });

  it('remove leaves a directory with something in it unless told so', async () => {
    const dir = await temporaryDirectory();
    await mkdir(path.join(dir, 'full'));
    await writeFile(path.join(dir, 'full', 'file'), '');
    const remove = new HostNode().perform(new RemoveAction(), { remove: path.join(dir, 'full') });
    await expect(remove).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    expect(await treeOf(dir)).toHaveLength(2);
  });

  it('mkdir refuses a file in its place', async () => {
    const file = path.join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(new HostNode().perform(new MkdirAction(), { mkdir: file })).rejects.toMatchObject({
      code: 'NODE_PATH_TAKEN',
    });
  });
});

it.each(['/', '/etc', '/etc/', '//etc', '/etc/../usr', '/usr/.', 'etc/x'])('remove refuses %s', (file) => {
  expect(new RemoveAction().schema.safeParse(file).success).toBe(false);
});

describe('a template', () => {
  const made = async (template: string, values = {}) => {
    const dir = await temporaryDirectory();
    await writeFile(path.join(dir, 'local'), template);
    const environment = new HostNode().environment(dir, {
      digest: (content) => Promise.resolve(content.toString()),
    });
    return (await new TemplateAction().inputs({ source: 'local', path: '/etc/app', values }, environment))
      .content;
  };

  it('is filled in with values and with what is known of the node', async () => {
    const template =
      '{% for peer in peers %}{{ peer }}@{{ node.hostname }} {% endfor %}{{ absent | default: "x" }}';
    expect(await made(template, { peers: ['a', 'b'] })).toBe('a@node1 b@node1 x');
  });

  it('takes secrets from where they are, and is then for root alone', async () => {
    const dir = await temporaryDirectory();
    await writeFile(path.join(dir, 'local'), 'token={{ token }}');
    const host = new HostNode();
    const template = new TemplateAction();
    const step = (secrets: object) =>
      template.schema.parse({ source: 'local', path: path.join(dir, 'made'), secrets });
    const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    vi.stubEnv('TOKEN_OF_TEST', 'of-the-cluster');
    await template.perform({ ...step({ token: { env: 'TOKEN_OF_TEST' } }), owner }, host.environment(dir));
    expect(await readFile(path.join(dir, 'made'), 'utf8')).toBe('token=of-the-cluster');
    expect((await stat(path.join(dir, 'made'))).mode & 0o777).toBe(0o600);
    expect(host.commands.join(' ')).not.toContain('of-the-cluster');
    await expect(
      Promise.resolve(template.inputs(step({ token: { env: 'NO_SUCH_VARIABLE' } }), host.environment(dir))),
    ).rejects.toMatchObject({ code: 'CREDENTIAL_UNREADABLE' });
  });

  it.each([
    ['a name without a value', '{{ port }}'],
    ['a member without a value', '{{ node.port }}'],
    ['a filter that is none', '{{ node.id | shout }}'],
    ['a tag without an end', '{% if node %}'],
    ['a file of this computer', '{% render "/etc/passwd" %}'],
  ])('with %s is refused, by its file', async (_what, template) => {
    await expect(made(template)).rejects.toMatchObject({
      code: 'TEMPLATE_INVALID',
      message: expect.stringContaining('local') as string,
    });
  });
});
