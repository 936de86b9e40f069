import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CustomizedImage } from '@turingpi/core/plugin';
import {
  approveErasure,
  CleanupStack,
  type ErasePermit,
  type ErasureAtHand,
  silentLogger,
} from '@turingpi/foundation';
import type { InstallationRequest } from '@turingpi/provisioning';
import type { ConformanceCase } from './conformance-case.js';
import type { OpenedStrategy, StrategySubject } from './strategy-subject.js';

const IMAGE_BYTES = 1 << 20;
/** A stop takes no longer, in milliseconds. */
const STOP_LIMIT_MS = 30_000;

/**
 * What every installation strategy must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of strategyCases(subject)) it(name, run);`
 */
export function strategyCases(subject: StrategySubject): ConformanceCase[] {
  const on = (name: string, use: (opened: OpenedStrategy) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      await using opened = await subject.open();
      await use(opened);
    },
  });
  return [
    on('says what it is, under names of its own', ({ strategy: { id, aliases = [], summary } }) => {
      assert.match(id, /^[a-z][a-z0-9-]*$/);
      assert.ok(summary.length > 0);
      assert.equal(new Set([id, ...aliases]).size, 1 + aliases.length);
      return Promise.resolve();
    }),
    on('puts exactly the image onto the disk, and leaves the node off', async (opened) => {
      const trial = new Trial(opened);
      await trial.install();
      assert.ok(Buffer.from(await opened.written(IMAGE_BYTES)).equals(trial.raw));
      assert.notEqual(await opened.isOn?.(), true);
    }),
    on(
      'begins its permit before the first byte, for the node and the disk that it erases',
      async (opened) => {
        const before = await opened.written(IMAGE_BYTES);
        const begun: ErasureAtHand[] = [];
        const trial = new Trial(opened);
        await trial.install({
          permit: watched(trial.permit, async (atHand) => {
            begun.push(atHand);
            assert.deepEqual(Buffer.from(await opened.written(IMAGE_BYTES)), Buffer.from(before));
          }),
        });
        assert.ok(begun.length > 0);
        for (const { node, disk } of begun)
          assert.deepEqual({ node, disk }, { node: opened.node.id, disk: opened.disk ?? 'emmc' });
      },
    ),
    on('erases nothing without a permit', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      await assert.rejects(new Trial(opened).install({}, 'permit'), { code: 'ERASE_NOT_APPROVED' });
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
    }),
    on('erases nothing with the permit of another node', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      const other = opened.node.id === 1 ? 2 : 1;
      const permit = approveErasure({ node: other, disk: opened.disk ?? 'emmc' });
      await assert.rejects(new Trial(opened).install({ permit }), { code: 'ERASE_NOT_APPROVED' });
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
    }),
    on('says what it would do with a dry run, and does nothing', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      const said: string[] = [];
      const progress = (told: { readonly note?: string }) => void said.push(told.note ?? '');
      await new Trial(opened).install({ dryRun: true, progress }, 'permit');
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
      assert.ok(said.some((note) => note.length > 0));
    }),
    on('ends with the reason of the signal, soon, when it is stopped', async (opened) => {
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      const trial = new Trial(opened, () => stop.abort(reason));
      const limit = AbortSignal.timeout(STOP_LIMIT_MS);
      await assert.rejects(trial.install({ signal: AbortSignal.any([stop.signal, limit]) }), reason);
    }),
  ];
}

/** One installation of one image. */
class Trial {
  readonly raw = randomBytes(IMAGE_BYTES);
  readonly permit: ErasePermit;

  /** @param onOpen - called when the image is opened */
  constructor(
    private readonly opened: OpenedStrategy,
    private readonly onOpen: () => void = () => undefined,
  ) {
    this.permit = approveErasure({ node: opened.node.id, disk: opened.disk ?? 'emmc' });
  }

  async install(given: Partial<InstallationRequest> = {}, without?: 'permit'): Promise<void> {
    await using cleanup = new CleanupStack();
    const { node, strategy } = this.opened;
    await strategy.install({
      node,
      signal: new AbortController().signal,
      logger: silentLogger,
      progress: () => undefined,
      image: { record: this.#record(), open: (format, signal) => this.#open(format, signal) },
      cleanup,
      ...(without === 'permit' ? {} : { permit: this.permit }),
      ...given,
    });
  }

  #record(): CustomizedImage {
    const { hostname } = this.opened.node;
    const sizes = { sizeBytes: IMAGE_BYTES, rawSizeBytes: IMAGE_BYTES };
    return {
      path: '/image.img',
      format: 'raw',
      ...sizes,
      sha256: this.#sha256,
      os: 'any',
      hostname,
      hostKeys: [],
    };
  }

  get #sha256(): string {
    return createHash('sha256').update(this.raw).digest('hex');
  }

  #open(format: 'xz' | 'raw', signal: AbortSignal) {
    if (format === 'xz') return Promise.reject(new Error('this image is not compressed, as its record says'));
    this.onOpen();
    signal.throwIfAborted();
    const pieces = Array.from({ length: 16 }, (_, at) =>
      this.raw.subarray((at * IMAGE_BYTES) / 16, ((at + 1) * IMAGE_BYTES) / 16),
    );
    return Promise.resolve({
      stream: Readable.from(pieces, { signal }),
      format,
      lengthBytes: IMAGE_BYTES,
      sha256: this.#sha256,
      rawSizeBytes: IMAGE_BYTES,
      dictionaryBytes: undefined,
    });
  }
}

/** A permit that tells when it is begun, before it is. */
function watched(permit: ErasePermit, onBegin: (atHand: ErasureAtHand) => Promise<void>): ErasePermit {
  return new Proxy(permit, {
    get: (target, key) =>
      key === 'begin'
        ? async (atHand: ErasureAtHand) => {
            await onBegin(atHand);
            await target.begin(atHand);
          }
        : (Reflect.get(target, key) as unknown),
  });
}
