import { createHash, randomBytes } from 'node:crypto';
import { renderRefusal } from '../served/render-plan.js';
import type { NodePlan, ServedImage } from '../served/served-image.js';

/** A disk that a node is about to write, as it tells it. */
export interface DiskAtNode {
  readonly sizeBytes: number;
  /** Of an NVMe; undefined for the disk that the installer itself was started from. */
  readonly nvme?: {
    readonly serial: string;
    /** Nothing is at its begin and its end, and it has no partitions. */
    readonly isEmpty: boolean;
    /** With their sizes, for people. */
    readonly partitions: string;
  };
}

/** Decides whether a disk may be written. @returns Why it may not, in one line. */
export type DiskApproval = (disk: DiskAtNode) => Promise<string | undefined>;

/** `disk BYTES`, and of an NVMe `nvme SERIAL empty|used PARTITIONS`. @returns Undefined for another text. */
export function parseDisk(text: string): DiskAtNode | undefined {
  const parts = /^disk (\d{1,15})(?: nvme (\S{1,64}) (empty|used)(.{0,1000}))?$/su.exec(text);
  if (parts === null) return undefined;
  const [, bytes, serial, state, partitions = ''] = parts;
  return {
    sizeBytes: Number(bytes),
    ...(serial !== undefined && {
      nvme: {
        serial: printable(serial),
        isEmpty: state === 'empty',
        partitions: printable(partitions).replace(/,$/, ''),
      },
    }),
  };
}

/** What a node lets know while it is installed. */
export type NodeSign =
  | { readonly sign: 'plan'; readonly diskBytes: number }
  /** Bytes were sent to it. */
  | { readonly sign: 'sent'; readonly bytes: number }
  | { readonly sign: 'report'; readonly state: 'writing' | 'checking' | 'done' }
  /** It tries again. */
  | { readonly sign: 'failed'; readonly reason: string }
  | { readonly sign: 'gave-up'; readonly reason: string };

/** A node that may fetch one image, once. */
export class Admission {
  /** What the node has to show. */
  readonly token = randomBytes(32).toString('base64url');
  #plan: NodePlan | undefined;

  constructor(
    private readonly image: Pick<ServedImage, 'planFor'>,
    private readonly onSign: (sign: NodeSign) => void,
    private readonly approve: DiskApproval = () => Promise.resolve(undefined),
  ) {}

  /** Under which the server knows it: the token itself is compared with nothing. */
  get key(): string {
    return admissionKey(this.token);
  }

  /** Makes the plan for the node's disk, or a refusal. */
  async plan(disk: DiskAtNode): Promise<NodePlan> {
    this.onSign({ sign: 'plan', diskBytes: disk.sizeBytes });
    const plan = await this.image.planFor(disk.sizeBytes);
    // What is not written anyway, as it is too small, needs no approval.
    const why = plan.parcels.length === 0 ? undefined : await this.approve(disk);
    return (this.#plan = why === undefined ? plan : { text: renderRefusal(why), parcels: [] });
  }

  /** A parcel of the plan; undefined when there is none of this number. */
  parcel(number: number): NodePlan['parcels'][number] | undefined {
    return this.#plan?.parcels[number];
  }

  sent(bytes: number): void {
    this.onSign({ sign: 'sent', bytes });
  }

  /** @param text - `failed` or `gave-up` and a reason, or a state */
  report(text: string): void {
    const [, how, reason = ''] = /^(failed|gave-up) (.*)/su.exec(text) ?? [];
    if (how === 'failed' || how === 'gave-up') this.onSign({ sign: how, reason: printable(reason) });
    else if (text === 'writing' || text === 'checking' || text === 'done')
      this.onSign({ sign: 'report', state: text });
  }
}

/** What a token is known by. */
export function admissionKey(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What a node says goes to a terminal. */
function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 500);
}
