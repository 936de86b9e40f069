import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EraseLedger, ledgerFileOf, Node1, Secret } from '@turingpi/foundation';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rejection } from '../cluster/sample-cluster.fixture.js';
import { FileStateStore } from '../state/file-state-store.js';
import { NodeSecretsStore } from '../state/node-secrets.js';
import { nodeSecretsFileOf, SecretsFile } from '../state/secrets-file.js';
import type { ClusterState, NodeState } from '../state/state-document.js';
import { ClusterArchive } from './cluster-archive.js';
import { openArchive, sealArchive } from './seal-archive.js';

const NOW = new Date('2026-01-02T03:04:05.000Z');
const AT = NOW.toISOString();
const PASSPHRASE = new Secret('a long phrase that nobody guesses');
const { signal } = new AbortController();
const BOARD = { mac: '02:00:00:00:00:01', project: '/lab/turingpi.yaml', since: AT };
const ENTRY = { action: 'remote.runCommand', digest: 'd1', result: { exitCode: 0 }, at: AT };
const ERASURE = {
  at: AT,
  board: 'mac:02:00:00:00:00:01',
  node: Node1,
  disk: 'emmc',
  plan: 'p',
  evidence: 'new',
} as const;

/** Records in a folder of their own. */
async function recordsIn(project = '/home/turingpi.yaml') {
  const cacheDir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-records-'));
  onTestFinished(() => rm(cacheDir, { recursive: true, force: true }));
  const stateFile = path.join(cacheDir, 'tpi_state.json');
  const state = new FileStateStore(stateFile, { now: () => NOW });
  const secrets = new NodeSecretsStore(new SecretsFile(nodeSecretsFileOf(stateFile)));
  const ledger = new EraseLedger(ledgerFileOf(stateFile.replace(/\.json$/, '')));
  const records = new ClusterArchive({
    state,
    stateFile,
    secrets,
    ledger,
    project,
    cacheDir,
    now: () => NOW,
  });
  return { cacheDir, stateFile, state, secrets, ledger, records };
}

/** The same, of a node that is finished. */
async function finished() {
  const made = await recordsIn();
  const { state, secrets, ledger, cacheDir } = made;
  await state.bind(BOARD);
  await secrets.secretsOf('Node1', 1, () => Promise.resolve({ hostKeys: ['the private key'] }));
  await secrets.mark('Node1', { installed: 1 });
  await ledger.append(ERASURE);
  await writeFile(path.join(cacheDir, 'node1.img'), 'image');
  const sha256 = '6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d';
  const done = { status: 'completed', timestamp: AT } as const;
  await state.amend('Node1', () => ({
    image_customization: { ...done, output_image_path: 'node1.img', output_sha256: sha256 },
    os_installation: { ...done, generation: 1, output: { hostname: 'node1' } },
  }));
  const claim = { record: () => done, seen: undefined, keepJournal: 0, signal };
  const seen = (await state.load()).Node1?.post_installation?.fence;
  const lease = await state.claim('Node1', 'post_installation', 'hash', { ...claim, seen });
  await state.append(lease, ENTRY);
  await state.finish(lease, () => ({ ...done, input_hash: 'hash' }));
  return made;
}

describe('an export', () => {
  it('is put on record elsewhere: state, journal, secrets and ledger', async () => {
    const there = await finished();
    const here = await recordsIn();
    const file = await there.records.export(PASSPHRASE);
    expect(await here.records.import(file, PASSPHRASE, { place: 'a', signal })).toEqual({
      nodes: ['Node1'],
      setAside: undefined,
    });
    const known = await here.state.load();
    expect(known.board).toEqual({ ...BOARD, project: '/home/turingpi.yaml' });
    expect(known.Node1).toMatchObject({
      image_customization: { output_image_path: 'node1.img' },
      os_installation: { status: 'completed', generation: 1 },
      post_installation: { status: 'completed', input_hash: 'hash' },
    });
    expect(await here.records.journal(Node1, 'post_installation')).toEqual([ENTRY]);
    expect(await here.secrets.document()).toEqual(await there.secrets.document());
    expect(await here.ledger.read()).toEqual({ entries: [ERASURE], isWhole: true });
  });

  it('shows nothing of what is in it', async () => {
    const { records } = await finished();
    const file = await records.export(PASSPHRASE);
    for (const text of ['Node1', 'private key', '02:00:00', 'nobody guesses'])
      expect(file).not.toContain(text);
    expect(JSON.parse(file)).toMatchObject({ header: { version: 1, kdf: { name: 'scrypt' } } });
    expect(await records.export(PASSPHRASE)).not.toBe(file); // another salt
  });

  it('is refused while a phase is being run', async () => {
    const { state, records } = await recordsIn();
    const record = () => ({ status: 'pending', timestamp: AT }) as const;
    await using lease = await state.claim('Node1', 'os_installation', 'h', {
      record,
      seen: undefined,
      signal,
    });
    expect(lease.fence).toBe(1);
    expect(await rejection(records.export(PASSPHRASE))).toMatchObject({ code: 'STATE_LEASE_HELD' });
    expect(await rejection(records.forget(Node1))).toMatchObject({ code: 'STATE_LEASE_HELD' });
  });
});

describe('an import', () => {
  it('leaves records alone, unless they are to be replaced, and seals them then', async () => {
    const there = await finished();
    const here = await recordsIn();
    await here.state.amend('Node2', () => ({
      image_customization: { status: 'failed', timestamp: AT, error: { code: 'X', message: 'y' } },
    }));
    const file = await there.records.export(PASSPHRASE);
    const before = await readFile(here.stateFile, 'utf8');
    expect(await rejection(here.records.import(file, PASSPHRASE, { place: 'a', signal }))).toMatchObject({
      code: 'STATE_NOT_EMPTY',
    });
    expect(await readFile(here.stateFile, 'utf8')).toBe(before);
    const { setAside } = await here.records.import(file, PASSPHRASE, { place: 'a', replace: true, signal });
    expect((await stat(setAside!)).mode & 0o777).toBe(0o600);
    expect((await here.state.load()).Node1?.os_installation?.status).toBe('completed');
    await here.records.import(file, PASSPHRASE, { place: 'a', replace: true, signal });
    expect((await here.ledger.read()).entries, 'each once').toEqual([ERASURE]);
    const again = await recordsIn();
    await again.records.import(await readFile(setAside!, 'utf8'), PASSPHRASE, { place: 'a', signal });
    expect((await again.state.load()).Node2?.image_customization?.error?.code).toBe('X');
  });

  it('never makes a node new: what tells of erasures here stays', async () => {
    const here = await finished();
    const { records } = await recordsIn();
    const empty = await records.export(PASSPHRASE);
    await here.records.import(empty, PASSPHRASE, { place: 'a', replace: true, signal });
    expect((await here.ledger.read()).entries).toEqual([ERASURE]);
    expect(await here.secrets.marksOf('Node1')).toEqual({ written: 1, installed: 1 });
  });

  it('of another board is refused', async () => {
    const file = await (await finished()).records.export(PASSPHRASE);
    const here = await recordsIn();
    await here.state.bind({ ...BOARD, mac: '02:00:00:00:00:02' });
    const options = { place: 'a', replace: true, signal };
    expect(await rejection(here.records.import(file, PASSPHRASE, options))).toMatchObject({
      code: 'STATE_OTHER_BOARD',
    });
  });

  it('tells another passphrase from a damaged file, and changes nothing', async () => {
    const file = await (await finished()).records.export(PASSPHRASE);
    const here = await recordsIn();
    const reading = (text: string, passphrase = PASSPHRASE) =>
      rejection(here.records.import(text, passphrase, { place: 'the file', signal }));
    expect(await reading(file, new Secret('another'))).toMatchObject({ code: 'STATE_ARCHIVE_PASSPHRASE' });
    const at = file.indexOf('"data":"') + 40;
    const altered = `${file.slice(0, at)}${file[at] === 'A' ? 'B' : 'A'}${file.slice(at + 1)}`;
    for (const text of ['', '{}', 'image', file.slice(0, 400), altered])
      expect(await reading(text), text.slice(0, 20)).toMatchObject({ code: 'STATE_ARCHIVE_DAMAGED' });
    const newer = JSON.stringify({ header: { version: 3 } });
    expect(await reading(newer)).toMatchObject({ code: 'STATE_UNSUPPORTED_VERSION' });
    const inside = await sealArchive('{"state":{"version":9},"journals":[],"ledger":[]}', PASSPHRASE, AT);
    expect(await reading(inside)).toMatchObject({ code: 'STATE_UNSUPPORTED_VERSION' });
    expect(await readdir(here.cacheDir)).toEqual([]);
  });
});

it('what was sealed opens to the same text, and altered in any byte not at all', async () => {
  const file = await sealArchive('{"a":"text, ünïcode"}', PASSPHRASE, AT);
  expect(await openArchive(file, PASSPHRASE, 'a')).toBe('{"a":"text, ünïcode"}');
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 2), fc.integer({ min: 32, max: 126 }), async (at, code) => {
      const sign = String.fromCharCode(code);
      fc.pre(file[at] !== sign);
      const text = `${file.slice(0, at)}${sign}${file.slice(at + 1)}`;
      const opened = await openArchive(text, PASSPHRASE, 'a').catch((error: unknown) => error);
      // White space and the last bits of base64 mean nothing; whatever opens is the text itself.
      expect(opened === '{"a":"text, ünïcode"}' || opened instanceof Error).toBe(true);
    }),
    { numRuns: 25 },
  );
});

it.each<[string, (header: SealedHeader) => void]>([
  ['a cost that scrypt does not know', ({ kdf }) => (kdf.cost = 3)],
  ['a cost beyond what a computer has', ({ kdf }) => (kdf.cost = 2 ** 30)],
  ['a short initial vector', (header) => (header.iv = 'AAAA')],
  ['no salt', ({ kdf }) => (kdf.salt = '')],
])('an archive whose header has %s is damaged, whatever its digest says', async (_, change) => {
  const file = JSON.parse(await sealArchive('{}', PASSPHRASE, AT)) as {
    readonly header: SealedHeader;
    digest: string;
    readonly tag: string;
    readonly data: string;
  };
  change(file.header);
  const hash = createHash('sha256').update(JSON.stringify(file.header));
  hash.update(Buffer.from(file.data, 'base64')).update(Buffer.from(file.tag, 'base64'));
  file.digest = hash.digest('hex');
  const opening = openArchive(JSON.stringify(file), PASSPHRASE, 'a');
  expect(await rejection(opening)).toMatchObject({ code: 'STATE_ARCHIVE_DAMAGED' });
});
interface SealedHeader {
  readonly kdf: { cost: number; salt: string };
  iv: string;
}

it('an export of a ledger that is damaged makes no node new elsewhere', async () => {
  const there = await recordsIn();
  await there.state.amend('Node2', () => ({
    image_customization: { status: 'completed', timestamp: AT },
  }));
  await writeFile(there.ledger.location, '{"at":"2026-0\n');
  const file = await there.records.export(PASSPHRASE);
  const here = await recordsIn();
  await here.records.import(file, PASSPHRASE, { place: 'a', signal });
  const known = await here.state.load();
  for (const node of ['Node1', 'Node2', 'Node3', 'Node4'] as const)
    expect(known[node]?.os_installation?.voided, node).toContain('cannot be read');
  expect(known.Node2?.image_customization?.status).toBe('completed');
});

describe('a forgotten node', () => {
  it('is unknown, and what tells of its installation elsewhere stays', async () => {
    const { records, state, secrets, ledger } = await finished();
    await records.forget(Node1);
    const known = (await state.load()).Node1;
    expect(known?.os_installation).toMatchObject({ status: 'pending', voided: expect.any(String) as string });
    expect(known?.post_installation?.status).toBe('pending');
    expect(await records.journal(Node1, 'post_installation')).toEqual([]);
    expect((await secrets.marksOf('Node1')).installed).toBe(1);
    expect((await ledger.read()).entries).toHaveLength(1);
  });

  it('keeps its installation where only another phase is forgotten', async () => {
    const { records, state } = await finished();
    await records.forget(Node1, 'post_installation');
    const known = (await state.load()).Node1;
    expect(known?.os_installation?.status).toBe('completed');
    expect(known?.post_installation?.status).toBe('pending');
  });
});

/** What a process that is killed directly after a write leaves behind: everything on record after each one. */
function afterEachWrite({ records, state }: Awaited<ReturnType<typeof recordsIn>>) {
  const seen: ClusterState[] = [];
  const look = async () => void seen.push(await state.load());
  for (const name of ['amend', 'forget', 'bind', 'claim', 'append', 'finish'] as const) {
    const write = state[name].bind(state) as (...given: unknown[]) => Promise<unknown>;
    Object.assign(state, {
      [name]: async (...given: unknown[]) => {
        const result = await write(...given);
        await look();
        return result;
      },
    });
  }
  return { records, state, seen };
}
/** Whether a record keeps a node from being taken for a new one, also where no ledger tells of it. */
const protects = (state: ClusterState) => {
  const { status, voided, erased } = state.Node1?.os_installation ?? {};
  return status === 'completed' || voided !== undefined || erased === true;
};
/** Records of a node that was adopted: nothing else than its record tells of it. */
async function adopted() {
  const made = await recordsIn();
  await made.state.amend('Node1', () => ({
    os_installation: { status: 'completed', timestamp: AT, adopted: true, output: { hostname: 'node1' } },
  }));
  return made;
}

describe('a process that is killed between two writes', () => {
  it('of forgetting leaves no node that is taken for a new one', async () => {
    const { records, state, seen } = afterEachWrite(await adopted());
    await records.forget(Node1);
    await records.forget(Node1); // nor when it was forgotten before
    await records.forget(Node1, 'os_installation');
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.map(protects)).toEqual(seen.map(() => true));
    expect((await state.load()).Node1?.os_installation).toMatchObject({ status: 'pending' });
  });

  it('of an import leaves none either, and records with the board that they are about', async () => {
    const there = await finished();
    const file = await there.records.export(PASSPHRASE);
    const { records, seen } = afterEachWrite(await adopted());
    await records.import(file, PASSPHRASE, { place: 'a', replace: true, signal });
    expect(seen.map(protects)).toEqual(seen.map(() => true));
    expect(seen.map(({ board }) => board?.mac)).toEqual(seen.map(() => BOARD.mac));
    expect(seen.at(-1)?.Node1?.os_installation).toMatchObject({ generation: 1 });
    expect(seen.at(-1)?.Node1?.os_installation?.adopted).toBeUndefined();
  });
});

it.each<[string, NodeState | undefined]>([
  ['nothing', undefined],
  ['no installation', { image_customization: { status: 'completed', timestamp: AT } }],
  [
    'one that did not come to its end',
    { os_installation: { status: 'failed', timestamp: AT, erased: true } },
  ],
])('an import that knows %s of a node makes it unknown, where more is known here', async (_, records) => {
  const there = await recordsIn();
  if (records !== undefined) await there.state.amend('Node1', () => records);
  const here = await adopted();
  const file = await there.records.export(PASSPHRASE);
  await here.records.import(file, PASSPHRASE, { place: 'a', replace: true, signal });
  const known = (await here.state.load()).Node1;
  expect(known?.os_installation?.voided).toContain('import');
  expect(known?.image_customization?.status).toBe(records?.image_customization?.status ?? 'pending');
});

describe('a look at the records', () => {
  it('finds nothing where all is well, and changes nothing', async () => {
    const { records, cacheDir } = await finished();
    const before = await readdir(cacheDir);
    expect(await records.verify({ signal })).toEqual([]);
    expect(await readdir(cacheDir)).toEqual(before);
    expect(await (await recordsIn()).records.verify({ signal })).toEqual([]);
  });

  it('finds an image that was altered, and one that is gone', async () => {
    const { records, cacheDir } = await finished();
    await writeFile(path.join(cacheDir, 'node1.img'), 'other');
    expect(await records.verify({ signal })).toMatchObject([
      {
        kind: 'problem',
        place: 'Node1 image_customization',
        message: expect.stringContaining('altered') as string,
      },
    ]);
    await rm(path.join(cacheDir, 'node1.img'));
    expect(await records.verify({ signal })).toMatchObject([{ kind: 'note' }]);
  });

  it('finds secrets that are gone, a damaged ledger, a damaged state and who died', async () => {
    const { records, secrets, ledger, stateFile, state } = await finished();
    await rm(secrets.location);
    await writeFile(ledger.location, 'torn\n');
    const owner = { pid: 2 ** 22 + 1, host: os.hostname(), started_at: AT };
    await state.amend('Node2', () => ({ image_customization: { status: 'running', timestamp: AT, owner } }));
    expect((await records.verify({ signal })).map(({ kind, place }) => [kind, place])).toEqual([
      ['problem', ledger.location],
      ['problem', 'Node2 image_customization'],
      ['problem', 'Node1'],
    ]);
    await writeFile(stateFile, '{');
    expect(await records.verify({ signal })).toMatchObject([
      { code: 'STATE_UNREADABLE' },
      { place: ledger.location },
    ]);
  });
});
