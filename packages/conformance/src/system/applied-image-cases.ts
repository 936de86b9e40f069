import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomizedImage } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { ImageError, type ImageSession } from '@turingpi/image';
import { INSTALLATION_RECORD, renderInstallationRecord, type SystemLogin } from '@turingpi/provisioning';
import type { ConformanceCase } from '../conformance-case.js';
import { describeFiles, type FileDescription } from '../image/describe-files.js';
import { onTrial } from './on-trial.js';
import type { OperatingSystemSubject } from './operating-system-subject.js';
import type { OperatingSystemTrial } from './operating-system-trial.js';

/** What becomes of an image to which a plan is applied. */
export function appliedImageCases(subject: OperatingSystemSubject): ConformanceCase[] {
  const { asked, baseImage, foreignImage, hostKeysIn = opensshKeysIn } = subject;
  const on = onTrial(subject);
  const onSsh = (name: string, use: (trial: OperatingSystemTrial) => Promise<void>): ConformanceCase =>
    on(`with SSH: ${name}`, async (trial) => {
      if (trial.system.access === 'ssh') await use(trial);
    });
  const cases = [
    on('makes equal bytes of equal plans and equal secrets', async (trial) => {
      const [one, two] = [await trial.save('one.img'), await trial.save('two.img')];
      assert.equal(await digestOf(one), await digestOf(two));
    }),
    on('makes another image of another plan', async (trial) => {
      const one = await trial.applied(everyFile);
      assert.notDeepEqual(await trial.applied(everyFile, { asked: subject.otherwise }), one);
    }),
    on('adds nothing to an image that it has made, and then leaves it as it is', async (trial) => {
      const [made, again] = [await trial.save('made.img'), join(trial.directory, 'again.img')];
      const before = await withImage(trial, made, everyFile);
      const after = await trial.applied(
        async (image) => {
          await image.save(again, { format: 'raw', signal: new AbortController().signal });
          return everyFile(image);
        },
        { image: made },
      );
      // The form of a file that both have a hand in may settle at the second time.
      assert.deepEqual(after.map(withoutContent), before.map(withoutContent));
      assert.deepEqual(await trial.applied(everyFile, { image: again }), after);
    }),
    on('makes an image that it has made for somebody else what was asked', async (trial) => {
      const image = await trial.save('other.img', { asked: subject.otherwise });
      const { username } = loginOf(trial, await trial.applied(recordOf)) ?? {};
      assert.equal(loginOf(trial, await trial.applied(recordOf, { image }))?.username, username);
    }),
    on('refuses an image of another system with a code', async (trial) => {
      await assert.rejects(
        trial.applied(() => Promise.resolve(), { image: foreignImage }),
        (error) => TuringPiError.is(error) && error.code !== 'PHASE_FAILED',
      );
    }),
    on('touches nothing but the image that it is given', async (trial) => {
      const before = [await digestOf(baseImage), await readdir(trial.directory)];
      await using image = await trial.openImage(baseImage);
      const opened = await readdir(trial.directory, { recursive: true });
      await trial.apply(image);
      assert.deepEqual(await readdir(trial.directory, { recursive: true }), opened);
      assert.deepEqual([await digestOf(baseImage), before[1]], before);
      assert.deepEqual(trial.used, []);
    }),
    on('shows callbacks the same image at every run, whatever the password and the keys', async (trial) => {
      const credentials = asked.credentials?.password === undefined ? {} : { password: 'another one' };
      const other = { credentials: { ...asked.credentials, ...credentials } };
      const shown = await trial.applied(everyFile, { isPreview: true });
      assert.deepEqual(await trial.applied(everyFile, { isPreview: true, asked: other }), shown);
    }),
    on('records in JSON what later phases need, and no secret', async (trial) => {
      const record = await trial.applied(recordOf);
      assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
      const text = JSON.stringify(record);
      for (const { privateKey } of trial.hostKeys)
        assert.ok(!text.includes(JSON.stringify(privateKey.reveal()).slice(1, -1)));
      if (asked.credentials?.password !== undefined) assert.ok(!text.includes(asked.credentials.password));
    }),
    onSsh('answers with our host keys and no others', async (trial) => {
      const keys = await trial.applied(hostKeysIn);
      const ours = trial.hostKeys.map(({ privateKey }) => privateKey.reveal());
      assert.deepEqual([...keys].sort(), [...ours].sort());
    }),
    onSsh('has no host key in the image that callbacks read from', async (trial) => {
      assert.deepEqual(await trial.applied(hostKeysIn, { isPreview: true }), []);
    }),
    onSsh('tells from the record alone who can log in', async (trial) => {
      const login = loginOf(trial, await trial.applied(recordOf));
      assert.ok(login !== undefined && login.username.length > 0);
      const { username } = asked.credentials ?? {};
      if (username !== undefined) assert.equal(login.username, username);
    }),
    onSsh('lets the image say which installation it is', async (trial) => {
      const text = await trial.applied(installationIn);
      assert.equal(text, renderInstallationRecord(trial.installation));
      assert.equal(await trial.applied(installationIn, { isPreview: true }), undefined);
    }),
  ];
  const password = asked.credentials?.password;
  if (password !== undefined)
    cases.push(
      on('has the password nowhere in the image in clear', async (trial) => {
        assert.ok(!(await readFile(await trial.save('made.img'))).includes(password));
      }),
    );
  return cases;
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

async function withImage<T>(
  trial: OperatingSystemTrial,
  path: string,
  use: (image: ImageSession) => Promise<T>,
): Promise<T> {
  await using image = await trial.openImage(path);
  return await use(image);
}

/** Every file of every filesystem of an image. */
async function everyFile(image: ImageSession): Promise<readonly FileDescription[][]> {
  const all: FileDescription[][] = [];
  for (const { number } of image.partitionTable.partitions)
    try {
      all.push(await describeFiles((await image.files(number)).fileSystem));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error; // no filesystem, as where boot loaders are
    }
  assert.ok(all.length > 0);
  return all;
}

function withoutContent(files: readonly FileDescription[]): readonly object[] {
  return files.map(({ path, type, mode, uid, gid, links }) => ({ path, type, mode, uid, gid, links }));
}

async function opensshKeysIn(image: ImageSession): Promise<readonly string[]> {
  const root = await image.files('root');
  const names = (await root.list('/etc/ssh')).map(({ name }) => name);
  const keys = names.filter((name) => /^ssh_host_.*_key$/.test(name)).map((name) => `/etc/ssh/${name}`);
  for (const key of keys)
    assert.equal((await root.stat(key)).mode & 0o077, 0, `${key} can be read by others`);
  return Promise.all(keys.map(async (key) => (await root.readText(key)) ?? ''));
}

async function installationIn(image: ImageSession): Promise<string | undefined> {
  return (await image.files('root')).readText(INSTALLATION_RECORD);
}

function recordOf(
  _image: ImageSession,
  { record = {} }: { readonly record?: Partial<CustomizedImage> },
): Promise<Partial<CustomizedImage>> {
  return Promise.resolve(record);
}

/** Who can log in, as a program says that has only read the record. */
function loginOf(trial: OperatingSystemTrial, record: Partial<CustomizedImage>): SystemLogin | undefined {
  return trial.system.loginOf?.(trial.customizedImage(record));
}
