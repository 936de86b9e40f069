import { posix } from 'node:path';
import type { NodeId } from '@turingpi/foundation';
import type { BoardProfile } from '../board/board-profile.js';
import type { BoardHardware } from '../hardware/board-hardware.js';
import { parseUnsigned, type Query } from '../http/query.js';
import { type Reply, textReply } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import { type ByteSource, HashedSource } from './byte-source.js';
import { ChunkQueue } from './chunk-queue.js';
import { stageFirmware } from './firmware-worker.js';
import { flashNode } from './flash-worker.js';
import { LocalFile } from './local-file.js';
import { Transfer, type TransferSlot } from './transfer-slot.js';
import { parseImageUrl, UrlDownload } from './url-download.js';
import { XzSource } from './xz-source.js';

/** What transfers need of the board. */
export interface TransferEnvironment {
  readonly slot: TransferSlot;
  readonly hardware: BoardHardware;
  readonly profile: BoardProfile;
  /** What lies at `/mnt/sdcard` of the BMC. */
  readonly sdCardDir: string;
  /** The RAM disk where firmware is staged. */
  readonly firmwareDir: string;
  /** Free memory of the BMC: what an xz decoder may use. */
  readonly memoryLimitBytes: () => number;
}

interface OpenedSource {
  readonly source: ByteSource;
  readonly size: number;
  readonly upload?: ChunkQueue;
}

/**
 * Answers `opt=set&type=flash|firmware`: parameters in the daemon's order, then the worker begins at once
 * (docs/reference/bmc-protocol.md, "Start of a transfer").
 */
export async function startTransfer(env: TransferEnvironment, query: Query): Promise<Reply> {
  const type = query.get('type');
  if (type !== 'flash' && type !== 'firmware')
    throw new RequestError(400, "`type` should equal 'firmware' or 'flash'");
  const node = type === 'flash' ? query.node() : undefined;
  const file = query.get('file');
  if (file === undefined) throw new RequestError(400, 'Invalid `file` query parameter');
  const opened = await openSource(env, query, file);
  const transfer = new Transfer(processName(env.profile, node), opened.size, opened.upload);
  const source =
    env.profile.transfers23 && namesXz(file)
      ? new XzSource(opened.source, env.memoryLimitBytes())
      : opened.source;
  const verify = !(env.profile.transfers23 && query.has('skip_crc'));
  env.slot.begin(transfer, (running) =>
    node === undefined
      ? stageFirmware(env.firmwareDir, posix.basename(file), source, running)
      : flashNode(env.hardware, env.profile, { node, source, verify }, running),
  );
  return textReply(JSON.stringify({ handle: transfer.handle }));
}

async function openSource(env: TransferEnvironment, query: Query, file: string): Promise<OpenedSource> {
  if (query.has('local')) {
    const source = await LocalFile.open(file, env.sdCardDir); // its sha256 is ignored
    return { source, size: source.size };
  }
  const { transfers23 } = env.profile;
  const sha256 = transfers23 ? parseDigest(query.get('sha256')) : undefined;
  const checked = (source: ByteSource): ByteSource =>
    sha256 === undefined ? source : new HashedSource(source, sha256);
  if (transfers23 && file.startsWith('http')) {
    const source = await UrlDownload.open(parseImageUrl(file));
    return { source: checked(source), size: source.size };
  }
  const length = query.get('length');
  if (length === undefined) throw new RequestError(411, 'Invalid `length` query parameter');
  const size = parseUnsigned(length, 64);
  if (size === undefined) throw new RequestError(400, '`length` parameter is not a number');
  const upload = new ChunkQueue(env.profile.uploadQueueChunks);
  return { source: checked(upload), size: Number(size), upload };
}

function parseDigest(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const invalid = (reason: string): RequestError =>
    new RequestError(400, `\`sha256\` parameter contains invalid hex values: ${reason}`);
  if (Buffer.byteLength(text) % 2 === 1) throw invalid('Odd number of digits');
  const at = text.search(/[^0-9a-fA-F]/);
  if (at >= 0) throw invalid(`Invalid character '${text.charAt(at)}' at position ${at}`);
  return text.toLowerCase();
}

/**
 * Decompression is chosen by the name alone: lower-case `.xz` after something
 * (docs/reference/bmc-protocol.md, "Decompression on the BMC").
 */
function namesXz(file: string): boolean {
  // Of a URL only the path counts: a query after it does not hide the extension.
  const path = file.startsWith('http') ? new URL(file).pathname : file;
  return posix.extname(path) === '.xz';
}

function processName(profile: BoardProfile, node: NodeId | undefined): string {
  if (node === undefined) return profile.transfers23 ? 'firmware upgrade service' : 'os upgrade service';
  return `Node ${node} ${profile.transfers23 ? 'os install service' : 'upgrade service'}`;
}
