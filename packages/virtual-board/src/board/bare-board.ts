import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CleanupStack, type NodeId } from '@turingpi/foundation';
import type { ApiContext } from '../api/api-context.js';
import { answerType } from '../api/api-types.js';
import { defaultIdentity } from '../api/board-identity.js';
import { actAs } from '../hardware/actor.js';
import { BoardHardware } from '../hardware/board-hardware.js';
import { type PinChange, PinLog } from '../hardware/pin-log.js';
import { factorySettings } from '../hardware/stored-settings.js';
import { enterUsbBoot } from '../hardware/usb-bring-up.js';
import { type BoardFinding, type BoardJudge, judgeFor } from '../judge/board-judge.js';
import { Query } from '../http/query.js';
import { emptyReply, NO_REPLY, textReply } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import { DaemonStopped } from '../transfer/transfer-error.js';
import { startTransfer } from '../transfer/transfer-service.js';
import { TransferSlot } from '../transfer/transfer-slot.js';
import { BoardClock } from './board-clock.js';
import { type BoardFaults, FaultPanel } from './board-faults.js';
import { boardProfile } from './board-profile.js';
import { fitSlots } from './board-slots.js';
import type { VirtualBoardOptions } from './virtual-board-options.js';

/** What a bare board answers. */
export interface BareReply {
  readonly status: number;
  readonly body: string;
}

/**
 * The daemon of a virtual board without a network: requests are calls, in the name of a client, one after the other.
 *
 * @remarks For schedules of several clients, which are decided by the order of requests and not by time.
 */
export class BareBoard implements AsyncDisposable {
  private constructor(
    private readonly context: ApiContext,
    private readonly slot: TransferSlot,
    private readonly watchers: { readonly pins: PinLog; readonly judge: BoardJudge },
    private readonly dir: string,
    private readonly cleanup: CleanupStack,
  ) {}

  /** @param dir - where the eMMCs are: `node1.emmc` and so on */
  static async create(dir: string, options: VirtualBoardOptions): Promise<BareBoard> {
    const cleanup = new CleanupStack();
    await mkdir(dir, { recursive: true });
    const clock = new BoardClock(options.clock);
    const profile = boardProfile(options.profile ?? 'bmcd-2.3.7');
    const revision = options.boardRevision ?? 'v2.5';
    const faults = new FaultPanel();
    faults.set(options.faults ?? {});
    const slot = new TransferSlot(clock);
    const living = () => (slot.state.kind === 'Transferring' ? slot.state.transfer.client : undefined);
    const pins = new PinLog(living);
    const judge = judgeFor(options, () => []);
    const slots = await fitSlots(options, dir, '127.0.0.1', { pins, faults, judge }, cleanup, 'bare');
    const settings = factorySettings();
    const unstored = (): void => undefined;
    const hardware = new BoardHardware(
      slots,
      settings,
      revision,
      faults,
      clock,
      pins,
      unstored,
      options.bringUpMs,
    );
    cleanup.defer('transfer', () => slot.restart(new DaemonStopped()));
    const identity = defaultIdentity(revision, profile, { mac: '02:00:00:00:00:01', serial: 'bare' });
    const restart = (): void => undefined;
    const context = {
      hardware,
      profile,
      identity,
      coolingSpeeds: new Map<string, number>(),
      restart,
      sdCardDir: dir,
      firmwareDir: join(dir, 'firmware'),
    };
    hardware.applySettings();
    return new BareBoard(context, slot, { pins, judge }, dir, cleanup);
  }

  get pinChanges(): readonly PinChange[] {
    return this.watchers.pins.changes;
  }

  /** What is found against the clients that are not foreign. */
  get findings(): readonly BoardFinding[] {
    return this.watchers.judge.findings;
  }

  /** Account whose transfer has the slot now. */
  get living(): string | undefined {
    return this.slot.state.kind === 'Transferring' ? this.slot.state.transfer.client : undefined;
  }

  /** Whether a node's supply is really on. */
  isPowered(node: NodeId): boolean {
    return this.context.hardware.slot(node).powered;
  }

  setFaults(faults: BoardFaults): void {
    this.context.hardware.faults.set(faults);
  }

  /** Answers `GET path` of `client`, as the daemon does once the client is logged in. */
  request(client: string, path: string): Promise<BareReply> {
    return actAs({ client, cause: 'request' }, async () => {
      const [route = '', rawQuery = ''] = path.split('?');
      if (route.endsWith('/cancel')) {
        this.slot.cancel();
        return shown(emptyReply(200));
      }
      const query = new Query(rawQuery);
      const isTransfer = query.mentions('type=flash') || query.mentions('type=firmware');
      if (isTransfer && query.mentions('opt=get')) return shown(textReply(this.slot.statusText()));
      if (!isTransfer) return shown(await answerType(this.context, query));
      try {
        return shown(await startTransfer(this.#environment(), query));
      } catch (cause) {
        if (cause instanceof RequestError) return { status: 500, body: cause.message };
        throw cause;
      }
    });
  }

  /**
   * Sends the bytes of the transfer that is current.
   *
   * @returns false when it is not that of this handle, or ends before it has them all
   */
  async upload(
    handle: number,
    chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { state } = this.slot;
    if (state.kind !== 'Transferring' || state.transfer.handle !== handle || !state.transfer.upload)
      return false;
    const { upload } = state.transfer;
    state.transfer.uploadBegun = true;
    try {
      for await (const chunk of chunks) if (!(await upload.send(chunk, signal))) return false;
    } catch (cause) {
      if (this.living !== undefined && this.slot.state === state) this.slot.cancel();
      throw cause;
    }
    upload.end();
    return true;
  }

  /** Puts a module into USB boot, as another tool does. */
  enterUsbBoot(client: string, node: NodeId): Promise<void> {
    const never = new AbortController().signal;
    return actAs({ client, cause: 'request' }, () => enterUsbBoot(this.context.hardware, node, never));
  }

  #environment(): Parameters<typeof startTransfer>[0] {
    const { hardware, profile } = this.context;
    const firmwareDir = join(this.dir, 'firmware');
    return {
      slot: this.slot,
      hardware,
      profile,
      sdCardDir: this.dir,
      firmwareDir,
      memoryLimitBytes: () => 1 << 26,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup[Symbol.asyncDispose]();
  }
}

function shown(outcome: Awaited<ReturnType<typeof answerType>>): BareReply {
  if (outcome === NO_REPLY || !('body' in outcome) || typeof outcome.body !== 'string')
    throw new Error('a bare board answers with text only');
  return { status: outcome.status, body: outcome.body };
}
