import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import {
  imageStep,
  installationStep,
  rejection,
  SAMPLE_IMAGE,
  SAMPLE_INSTALLATION,
  sampleCluster,
  type SampleCluster,
} from '../cluster/sample-cluster.fixture.js';
import { ConfigError } from '../errors/config-error.js';
import { StateError } from '../errors/state-error.js';
import { type Erasure, Node1, Node2 } from '@turingpi/foundation';
import { FileStateStore } from '../state/file-state-store.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { PhaseStep } from './phase-step.js';

type ImageStep = PhaseStep<'image_customization'>;

async function runImage(sample: SampleCluster, step: ImageStep, signal?: AbortSignal) {
  await sample.cluster.run(async (context) => {
    await context.runPhase(step);
  })(Node1, signal ? { signal } : {});
}
const phaseEvents = ({ events }: SampleCluster) =>
  events
    .filter(({ type }) => type.startsWith('phase:'))
    .map((event) => ('reason' in event ? `${event.type} (${event.reason})` : event.type));
async function writeRecord(sample: SampleCluster, record: PhaseRecord) {
  // As the store does: whoever reads at this moment finds the one or the other.
  const draft = `${sample.cluster.stateFile}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify({ version: 1, Node1: { image_customization: record } }));
  await rename(draft, sample.cluster.stateFile);
}

describe('a phase', () => {
  it('runs once, and is skipped while inputs and output stand', async () => {
    const sample = await sampleCluster();
    const execute = vi.fn(async () => SAMPLE_IMAGE);
    await runImage(sample, imageStep({ run: execute }));
    let skippedOutput: unknown;
    await sample.cluster.run(async (context) => {
      skippedOutput = await context.runPhase(imageStep({ run: execute }));
    })(Node1);
    expect(execute).toHaveBeenCalledTimes(1);
    expect(skippedOutput).toMatchObject(SAMPLE_IMAGE);
    expect(phaseEvents(sample)).toEqual(['phase:started (first run)', 'phase:completed', 'phase:skipped']);
  });

  it('records what it made under the names of the state file', async () => {
    const sample = await sampleCluster({}, { now: () => new Date('2026-01-02T03:04:05Z') });
    await runImage(sample, imageStep());
    expect(await sample.state()).toEqual({
      version: 2,
      Node1: {
        image_customization: {
          status: 'completed',
          timestamp: '2026-01-02T03:04:05.000Z',
          input_hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          inputs: { base: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string, value: 'image' } },
          output: { ...SAMPLE_IMAGE, plan: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
          fence: 1,
          duration_ms: 0,
          output_image_path: SAMPLE_IMAGE.path,
          output_sha256: SAMPLE_IMAGE.sha256,
        },
        os_installation: { status: 'pending', timestamp: '2026-01-02T03:04:05.000Z' },
        post_installation: { status: 'pending', timestamp: '2026-01-02T03:04:05.000Z' },
      },
    });
  });

  it.each([
    ['inputs changed', imageStep({ inputs: { base: 'another' } })],
    ['output missing or changed', imageStep({ stands: async () => false })],
    ['output missing or changed', imageStep({ rerun: true })],
  ])('runs again: %s', async (reason, step) => {
    const sample = await sampleCluster();
    await runImage(sample, imageStep());
    await runImage(sample, step);
    expect(phaseEvents(sample).slice(2)).toEqual([`phase:started (${reason})`, 'phase:completed']);
  });

  it('computes its inputs when they are a function', async () => {
    const sample = await sampleCluster();
    await runImage(sample, imageStep({ inputs: { base: 'image' } }));
    await runImage(sample, imageStep({ inputs: async () => ({ base: 'image' }) }));
    expect(phaseEvents(sample).at(-1)).toBe('phase:skipped');
  });

  it('records a failure with its code and runs again afterwards', async () => {
    const sample = await sampleCluster();
    const failing = imageStep({
      run: async () => Promise.reject(new ConfigError('CONFIG_INVALID', 'no good', { hint: 'ask' })),
    });
    expect(await rejection(runImage(sample, failing))).toMatchObject({ code: 'CONFIG_INVALID' });
    expect((await sample.state()).Node1?.image_customization).toMatchObject({
      status: 'failed',
      error: { code: 'CONFIG_INVALID', message: 'no good' },
    });
    await runImage(sample, imageStep());
    expect(phaseEvents(sample)).toEqual([
      'phase:started (first run)',
      'phase:failed',
      'phase:started (previous run failed)',
      'phase:completed',
    ]);
    expect((await sample.state()).Node1?.image_customization).not.toHaveProperty('error');
  });

  it('wraps an unknown error once, naming phase and node', async () => {
    const sample = await sampleCluster();
    const cause = new TypeError('x is not a function');
    const error = await rejection(runImage(sample, imageStep({ run: async () => Promise.reject(cause) })));
    expect(error).toMatchObject({ code: 'PHASE_FAILED', cause, hint: expect.any(String) as string });
    expect(error.message).toContain('image_customization of turingpi-node1');
  });

  it('fails with a code when a plugin hands nothing on', async () => {
    const sample = await sampleCluster();
    const step = imageStep({ run: async () => undefined as never });
    expect(await rejection(runImage(sample, step))).toMatchObject({ code: 'PHASE_FAILED' });
    expect((await sample.state()).Node1?.image_customization?.status).toBe('failed');
  });

  it('writes no configured secret into the record or an event', async () => {
    const sample = await sampleCluster({ bmc: { password: 'correct horse' }, ssh: { password: 'pw12' } });
    const step = imageStep({
      run: async () => Promise.reject(new Error('401 for root:correct horse, then (pw12)')),
    });
    const error = await rejection(runImage(sample, step));
    for (const text of [JSON.stringify(await sample.state()), JSON.stringify(sample.events), error.message]) {
      expect(text).not.toContain('correct horse');
      expect(text).not.toContain('pw12');
      expect(text).toContain('root:[secret]');
    }
  });

  it('keeps the hostname readable when the password is part of it', async () => {
    const sample = await sampleCluster({ bmc: { password: 'turing' } });
    const step = imageStep({ run: async () => Promise.reject(new Error('turing refused')) });
    expect((await rejection(runImage(sample, step))).message).toBe(
      'image_customization of turingpi-node1 failed: [secret] refused',
    );
  });
});

describe('a phase that is done and cannot be recorded', () => {
  const full = () =>
    new StateError('STATE_WRITE_FAILED', 'no space left on device', { hint: 'Check free space.' });
  const install = (sample: SampleCluster) =>
    sample.cluster.run((context) => context.runPhase(installationStep()))(Node1);

  it('is recorded as soon as that works', async () => {
    const sample = await sampleCluster();
    vi.spyOn(FileStateStore.prototype, 'finish').mockRejectedValueOnce(full());
    await install(sample);
    expect((await sample.state()).Node1?.os_installation).toMatchObject({ status: 'completed' });
    expect(phaseEvents(sample)).toEqual(['phase:started (first run)', 'phase:completed']);
  });

  it('is not said to have failed, and its lease is given back', async () => {
    const sample = await sampleCluster();
    const finish = vi.spyOn(FileStateStore.prototype, 'finish').mockRejectedValue(full());
    const error = await rejection(install(sample));
    expect(error).toMatchObject({ code: 'STATE_WRITE_FAILED' });
    expect(error['hint']).toContain('turingpi adopt 1');
    expect(finish.mock.calls.length).toBeGreaterThan(1);
    const left = (await sample.state()).Node1?.os_installation;
    expect(left).toMatchObject({ status: 'running', erased: true });
    expect(left).not.toHaveProperty('owner');
    expect(left).not.toHaveProperty('error');
  });

  it('is not waited for when the run is stopped', async () => {
    const sample = await sampleCluster();
    const abort = new AbortController();
    const finish = vi.spyOn(FileStateStore.prototype, 'finish').mockImplementation(() => {
      abort.abort();
      return Promise.reject(full());
    });
    await expect(runImage(sample, imageStep(), abort.signal)).rejects.toThrow();
    expect(finish).toHaveBeenCalledTimes(1);
  });
});

describe('the cleanup of a phase', () => {
  it('ends before the phase counts as completed', async () => {
    const sample = await sampleCluster();
    let statusDuringCleanup: string | undefined;
    const step = imageStep({
      run: async ({ cleanup }) => {
        cleanup.defer('look', async () => {
          statusDuringCleanup = (await sample.state()).Node1?.image_customization?.status;
        });
        return SAMPLE_IMAGE;
      },
    });
    await runImage(sample, step);
    expect(statusDuringCleanup).toBe('running');
  });

  it.each(['inputs', 'run'] as const)('that fails (opened by %s) fails the phase', async (where) => {
    const sample = await sampleCluster();
    const fail = () => Promise.reject(new Error('busy'));
    const step = imageStep(
      where === 'run'
        ? {
            run: async ({ cleanup }) => {
              cleanup.defer('unmount', fail);
              return SAMPLE_IMAGE;
            },
          }
        : {
            inputs: async ({ cleanup }) => {
              cleanup.defer('unmount', fail);
              return {};
            },
          },
    );
    expect(await rejection(runImage(sample, step))).toMatchObject({ code: 'PHASE_FAILED' });
    expect((await sample.state()).Node1?.image_customization?.status).toBe('failed');
  });

  it('does not hide why the phase failed', async () => {
    const sample = await sampleCluster();
    const step = imageStep({
      run: async ({ cleanup }) => {
        cleanup.defer('unmount', () => Promise.reject(new Error('busy')));
        throw new ConfigError('CONFIG_INVALID', 'the real reason', { hint: 'ask' });
      },
    });
    expect(await rejection(runImage(sample, step))).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('an abort', () => {
  it('while a phase runs is recorded as such, and passes its reason through', async () => {
    const sample = await sampleCluster();
    const abort = new AbortController();
    const reason = new Error('stop');
    const step = imageStep({
      run: async ({ signal }) => {
        abort.abort(reason);
        signal.throwIfAborted();
        return SAMPLE_IMAGE;
      },
    });
    expect(await rejection(runImage(sample, step, abort.signal))).toBe(reason);
    expect((await sample.state()).Node1?.image_customization).toMatchObject({
      status: 'failed',
      error: { code: 'ABORTED' },
    });
    expect(sample.events.at(-1)?.type).toBe('node:aborted');
  });

  it('before a phase started leaves the record of an installed node alone', async () => {
    const sample = await sampleCluster();
    const run = (step: PhaseStep<'os_installation'>, signal?: AbortSignal) =>
      sample.cluster.run(async (context) => {
        await context.runPhase(step);
      })(Node1, signal ? { signal } : {});
    await run(installationStep());
    const before = await sample.state();
    const abort = new AbortController();
    const interrupted = installationStep({
      stands: async (_output, { signal }) => {
        abort.abort();
        signal.throwIfAborted();
        return true;
      },
    });
    await expect(run(interrupted, abort.signal)).rejects.toThrow();
    const broken = installationStep({ inputs: async () => Promise.reject(new Error('no network')) });
    await expect(run(broken)).rejects.toMatchObject({ code: 'PHASE_FAILED' });
    expect(await sample.state()).toEqual(before);
    await run(installationStep());
    expect(phaseEvents(sample).at(-1)).toBe('phase:skipped');
  });

  it('while waiting for another image does not start the phase', async () => {
    const sample = await sampleCluster();
    const abort = new AbortController();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const execute = vi.fn(async () => SAMPLE_IMAGE);
    const first = sample.cluster.run(async (context) => {
      await context.runPhase(
        imageStep({
          run: async () => {
            const second = sample.cluster.run(async (other) => {
              await other.runPhase(imageStep({ run: execute }));
            })(Node2, { signal: abort.signal });
            setImmediate(() => abort.abort());
            await expect(second).rejects.toMatchObject({ name: 'AbortError' });
            release();
            return SAMPLE_IMAGE;
          },
        }),
      );
    })(Node1);
    await Promise.all([first, held]);
    expect(execute).not.toHaveBeenCalled();
    expect((await sample.state()).Node2).toBeUndefined();
  });
});

describe('a record that says running', () => {
  const running = (owner: Partial<NonNullable<PhaseRecord['owner']>>): PhaseRecord => ({
    status: 'running',
    timestamp: '2026-01-01T00:00:00.000Z',
    input_hash: 'ab',
    owner: { pid: process.pid, host: os.hostname(), started_at: '2026-01-01T00:00:00.000Z', ...owner },
  });

  it('is a crash when its process is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const sample = await sampleCluster();
    await writeRecord(sample, running({ pid: child.pid! }));
    await runImage(sample, imageStep());
    expect(phaseEvents(sample)).toEqual(['phase:started (previous run crashed)', 'phase:completed']);
  });

  it.runIf(process.platform === 'linux')('is a crash when its process number was given again', async () => {
    const sample = await sampleCluster();
    await writeRecord(sample, running({ process_start: 'another boot:1' }));
    await runImage(sample, imageStep());
    expect(phaseEvents(sample)[0]).toBe('phase:started (previous run crashed)');
  });

  it('is respected while its process lives, and not touched', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const sample = await sampleCluster();
    try {
      await writeRecord(sample, running({ pid: child.pid! }));
      const before = await sample.state();
      const execute = vi.fn(async () => SAMPLE_IMAGE);
      expect(await rejection(runImage(sample, imageStep({ run: execute })))).toMatchObject({
        code: 'PHASE_ALREADY_RUNNING',
        hint: expect.any(String) as string,
      });
      const broken = imageStep({ inputs: async () => Promise.reject(new Error('no network')) });
      await expect(runImage(sample, broken)).rejects.toThrow();
      expect(execute).not.toHaveBeenCalled();
      expect(await sample.state()).toEqual(before);
    } finally {
      child.kill('SIGKILL');
    }
  });

  const leases = { beatMs: 30, staleMs: 200, lookMs: 10 };

  it('of another machine is a crash when it gives no sign of life, whatever the clocks say', async () => {
    for (const started_at of ['2026-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z']) {
      const sample = await sampleCluster({}, { leases });
      await writeRecord(sample, running({ host: 'elsewhere', started_at, heartbeat: started_at }));
      await runImage(sample, imageStep());
      expect(phaseEvents(sample).slice(1)).toEqual([
        'phase:started (previous run crashed)',
        'phase:completed',
      ]);
    }
  });

  it('of another machine is respected as soon as it gives one, and an abort does not wait', async () => {
    const sample = await sampleCluster({}, { leases: { ...leases, staleMs: 60_000 } });
    const owner = { host: 'elsewhere', heartbeat: '1999-01-01T00:00:00.000Z' };
    await writeRecord(sample, running(owner));
    const abort = new AbortController();
    const stopped = runImage(sample, imageStep(), abort.signal);
    abort.abort(new Error('stop'));
    await expect(stopped).rejects.toThrow('stop');
    const refused = runImage(sample, imageStep());
    let beat = 0;
    const beating = setInterval(() => {
      // Another one each time: whenever it is looked at first, the next one is a change.
      void writeRecord(sample, running({ ...owner, heartbeat: new Date((beat += 1)).toISOString() }));
    }, 20);
    await expect(refused).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
    clearInterval(beating);
  });

  it('of ours gives signs of life as long as it runs', async () => {
    let time = 0;
    const sample = await sampleCluster({}, { leases, now: () => new Date((time += 1000)) });
    const beats = new Set<string | undefined>();
    const step = imageStep({
      run: async () => {
        while (beats.size < 3) beats.add((await sample.state()).Node1?.image_customization?.owner?.heartbeat);
        return SAMPLE_IMAGE;
      },
    });
    await runImage(sample, step);
    expect((await sample.state()).Node1?.image_customization).not.toHaveProperty('owner');
  });

  it('of ours that somebody took over ends here, and is left to them', async () => {
    const sample = await sampleCluster({}, { leases });
    const theirs = running({ host: 'elsewhere', instance: 'other' });
    const step = imageStep({
      run: async ({ signal }) => {
        await writeRecord(sample, theirs);
        await once(signal, 'abort');
        signal.throwIfAborted();
        return SAMPLE_IMAGE;
      },
    });
    await expect(runImage(sample, step)).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
    expect((await sample.state()).Node1?.image_customization).toEqual(theirs);
  });

  it('of ours that somebody took over between two signs of life is not overwritten', async () => {
    const sample = await sampleCluster();
    const theirs = running({ host: 'elsewhere', instance: 'other' });
    const step = imageStep({
      run: async () => {
        await writeRecord(sample, theirs);
        return SAMPLE_IMAGE;
      },
    });
    await expect(runImage(sample, step)).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
    expect((await sample.state()).Node1?.image_customization).toEqual(theirs);
  });

  it('of another cluster object in this process is respected', async () => {
    const sample = await sampleCluster();
    const other = await sampleCluster({}, { directory: sample.directory });
    const step = imageStep({
      run: async () => {
        await expect(runImage(other, imageStep())).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
        return SAMPLE_IMAGE;
      },
    });
    await runImage(sample, step);
    expect((await sample.state()).Node1?.image_customization?.status).toBe('completed');
  });

  it('of somebody who has run the phase while it was looked at is not run over', async () => {
    const sample = await sampleCluster();
    await runImage(sample, imageStep());
    const other = await sampleCluster({}, { directory: sample.directory });
    const execute = vi.fn(async () => SAMPLE_IMAGE);
    const stands = async () => {
      await runImage(other, imageStep({ inputs: { base: 'theirs' } }));
      return false;
    };
    await expect(runImage(sample, imageStep({ stands, run: execute }))).rejects.toMatchObject({
      code: 'PHASE_ALREADY_RUNNING',
    });
    expect(execute).not.toHaveBeenCalled();
    expect((await sample.state()).Node1?.image_customization).toMatchObject({
      status: 'completed',
      inputs: { base: { value: 'theirs' } },
    });
  });

  it('of somebody who finishes just before it is looked whether they live is not run again', async () => {
    const sample = await sampleCluster();
    const execute = vi.fn(async () => SAMPLE_IMAGE);
    await runImage(sample, imageStep({ run: execute }));
    const done = (await sample.state()).Node1!.image_customization!;
    await writeRecord(sample, { ...running({ instance: 'other' }), fence: done.fence });
    vi.spyOn(FileStateStore.prototype, 'holder').mockImplementationOnce(async function (
      this: FileStateStore,
      ...asked
    ) {
      await writeRecord(sample, done);
      return this.holder(...asked); // the real one
    });
    await runImage(sample, imageStep({ run: execute }));
    expect(execute).toHaveBeenCalledTimes(1);
    expect(phaseEvents(sample).at(-1)).toBe('phase:skipped');
  });

  it('of somebody who was taken for gone, and finished after all, is no reason to erase what they made', async () => {
    const write = (os_installation: PhaseRecord) =>
      writeFile(sample.cluster.stateFile, JSON.stringify({ version: 2, Node1: { os_installation } }));
    const theirs = { ...running({ host: 'elsewhere', instance: 'other' }), erased: true, fence: 3 };
    const finished: PhaseRecord = {
      ...{ status: 'completed', timestamp: theirs.timestamp, input_hash: 'ab', fence: 3 },
      output: { ...SAMPLE_INSTALLATION } as unknown as NonNullable<PhaseRecord['output']>,
    };
    const decide = async (erasures: readonly Erasure[]) => {
      await write(finished); // their lid was closed
      return erasures;
    };
    const sample = await sampleCluster({}, { leases, approve: { decide } });
    await write(theirs);
    const execute = vi.fn(async () => SAMPLE_INSTALLATION);
    const late = sample.cluster.run((context) => context.runPhase(installationStep({ run: execute })))(Node1);
    await expect(late).rejects.toMatchObject({ code: 'PHASE_ALREADY_RUNNING' });
    expect(execute).not.toHaveBeenCalled();
    expect((await sample.state()).Node1?.os_installation).toEqual(finished);
  });

  it('is claimed by exactly one of several that come at once', async () => {
    const directory = (await sampleCluster()).directory;
    const samples = await Promise.all(Array.from({ length: 4 }, () => sampleCluster({}, { directory })));
    let executed = 0;
    let finish: () => void = () => undefined;
    const settled: string[] = [];
    const allRefused = new Promise<void>((resolve) => (finish = resolve));
    const step = installationStep({
      run: async ({ permit }) => {
        await permit?.begin(permit.erasure);
        executed += 1;
        await allRefused;
        return SAMPLE_INSTALLATION;
      },
    });
    await Promise.all(
      samples.map(({ cluster }) =>
        cluster
          .run(async (context) => {
            await context.runPhase(step);
          })(Node1)
          .then(
            () => 'completed',
            (error: unknown) => (error as { code: string }).code,
          )
          .then((outcome) => {
            settled.push(outcome);
            if (settled.length === samples.length - 1) finish();
          }),
      ),
    );
    expect(executed).toBe(1);
    expect(settled).toEqual([...Array<string>(3).fill('PHASE_ALREADY_RUNNING'), 'completed']);
  });
});
