import { randomBytes } from 'node:crypto';
import { access, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleCluster, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { Node1 } from '@turingpi/foundation';
import { FileStateStore } from './file-state-store.js';
import { generationsOf } from './node-generations.js';
import { NodeSecretsStore } from './node-secrets.js';
import { nodeSecretsFileOf, SecretsFile } from './secrets-file.js';

const newFile = async () => path.join(await temporaryDirectory(), 'node-secrets.json');
const random = async () => ({ key: randomBytes(16).toString('hex') });
const never = () => Promise.reject(new Error('made a second time'));

describe('the file of secrets', () => {
  it('keeps what was made once, for every later reader', async () => {
    const file = await newFile();
    const made = await new NodeSecretsStore(new SecretsFile(file)).secretsOf('Node1', 1, random);
    expect(await new NodeSecretsStore(new SecretsFile(file)).secretsOf('Node1', 1, never)).toEqual(made);
    expect(await new NodeSecretsStore(new SecretsFile(file)).secretsOf('Node2', 1, random)).not.toEqual(made);
  });

  it.runIf(process.platform !== 'win32')('is nobody else’s to read', async () => {
    const file = await newFile();
    await new NodeSecretsStore(new SecretsFile(file)).secretsOf('Node1', 1, random);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('gives one answer to all who ask at once', async () => {
    const file = await newFile();
    const stores = [new NodeSecretsStore(new SecretsFile(file)), new NodeSecretsStore(new SecretsFile(file))];
    const asked = Array.from({ length: 8 }, (_, index) => index);
    const given = await Promise.all(asked.map((i) => stores[i % 2]!.secretsOf('Node1', 1, random)));
    expect(new Set(given.map(({ key }) => key)).size).toBe(1);
    const keys = await Promise.all(asked.map((i) => stores[i % 2]!.digestKey()));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });

  it('keeps two generations of a node, also while the older one is made again', async () => {
    const file = await newFile();
    const store = new NodeSecretsStore(new SecretsFile(file));
    for (const generation of [1, 2, 3]) await store.secretsOf('Node1', generation, random);
    const read = async () =>
      (JSON.parse(await readFile(file, 'utf8')) as { nodes: { Node1: { generations: object } } }).nodes.Node1;
    expect(Object.keys((await read()).generations)).toEqual(['2', '3']);
    await store.secretsOf('Node1', 1, random);
    expect(Object.keys((await read()).generations)).toEqual(['1', '2', '3']);
  });

  it.each(['', '[]', '{"version":1', '\0\0\0', '{"version":1,"nodes":{}}', '{"version":0}'])(
    'that holds %j is refused, and left as it is',
    async (text) => {
      const file = await newFile();
      await writeFile(file, text);
      const store = new NodeSecretsStore(new SecretsFile(file));
      const refusal = { code: 'NODE_SECRETS_UNREADABLE' };
      await expect(store.secretsOf('Node1', 1, random)).rejects.toMatchObject(refusal);
      await expect(store.digestKey()).rejects.toMatchObject(refusal);
      await expect(store.mark('Node1', { written: 1 })).rejects.toMatchObject(refusal);
      expect(await readFile(file, 'utf8')).toBe(text);
      expect(await readdir(path.dirname(file))).toEqual(['node-secrets.json']);
    },
  );

  it('of a newer program is refused', async () => {
    const file = await newFile();
    await writeFile(file, '{"version":2}');
    const reading = new NodeSecretsStore(new SecretsFile(file)).digestKey();
    await expect(reading).rejects.toMatchObject({ code: 'STATE_UNSUPPORTED_VERSION' });
  });

  it('never shows a secret in an error', async () => {
    const file = await newFile();
    await writeFile(file, '{"version":1,"digestKey":"verysecret"');
    const error = (await new NodeSecretsStore(new SecretsFile(file))
      .digestKey()
      .catch((e: unknown) => e)) as Error;
    expect(JSON.stringify([error.message, String(error.cause), error.stack])).not.toContain('verysecret');
  });

  it('takes over the key of an earlier version', async () => {
    const file = await newFile();
    const earlierKeyFile = path.join(path.dirname(file), 'credentials.key');
    const key = randomBytes(32);
    await writeFile(earlierKeyFile, key);
    expect(await new NodeSecretsStore(new SecretsFile(file), { earlierKeyFile }).digestKey()).toEqual(key);
    expect(await new NodeSecretsStore(new SecretsFile(file)).digestKey()).toEqual(key);
  });

  it.each([
    ['/cache/tpi_state.json', '/cache/node-secrets.json'],
    ['/cache/home.json', '/cache/home.node-secrets.json'],
    ['/cache/home', '/cache/home.node-secrets.json'],
  ])('of %s is %s', (state, secrets) => {
    expect(nodeSecretsFileOf(state)).toBe(path.normalize(secrets));
  });
});

describe('the generations of a node', () => {
  async function sample() {
    const file = await newFile();
    const state = new FileStateStore(path.join(path.dirname(file), 'tpi_state.json'));
    const record = (generation: number) =>
      state.amend('Node1', () => ({ os_installation: { status: 'completed', timestamp: '', generation } }));
    return {
      file,
      state,
      record,
      node: () => generationsOf('Node1', new NodeSecretsStore(new SecretsFile(file)), state),
    };
  }

  it('grow with what is written to it, not with what is prepared', async () => {
    const { node } = await sample();
    expect(await node().next()).toBe(1);
    await node().secretsOf(1, random);
    expect(await node().next()).toBe(1);
    await node().writing(1);
    expect([await node().next(), await node().wasInstalled(1)]).toEqual([2, false]);
    await node().installed(1);
    expect([await node().next(), await node().wasInstalled(1)]).toEqual([2, true]);
  });

  it('are never given twice, whichever of state and secrets is lost', async () => {
    const { node, record } = await sample();
    await record(4); // the secrets are lost
    expect([await node().next(), await node().wasInstalled(4)]).toEqual([5, true]);
    const { node: other } = await sample(); // the state is lost
    await other().installed(4);
    expect([await other().next(), await other().wasInstalled(4)]).toEqual([5, true]);
  });

  it('are at hand in a workflow, and nothing is written before they are asked for', async () => {
    const { cluster, directory } = await sampleCluster();
    const file = path.join(directory, 'node-secrets.json');
    let given: unknown;
    await cluster.run(() => Promise.resolve())(Node1);
    await expect(access(file)).rejects.toThrow();
    await cluster.run(async ({ generations }) => {
      given = await generations.secretsOf(await generations.next(), random);
    })(Node1);
    expect(await new NodeSecretsStore(new SecretsFile(file)).secretsOf('Node1', 1, never)).toEqual(given);
  });
});
