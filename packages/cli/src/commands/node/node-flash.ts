import path from 'node:path';
import { type BmcClient, type FlashRequest, type FlashResult, refuseFirmwareFault } from '@turingpi/bmc';
import { flashableImage } from '@turingpi/image';
import { makeDirectory, nodeName, type NodeId } from '@turingpi/foundation';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { flashApproval, permitToFlash } from '../../board/permit-to-flash.js';
import { recordedNodes } from '../../board/recorded-nodes.js';
import { TransferDisplay } from '../../board/transfer-display.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Erase } from '../../process/erase-option.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { formatBytes, formatDuration } from '../../render/format.js';

export interface FlashOptions extends BoardOptions {
  readonly node?: readonly NodeId[];
  readonly yes?: boolean;
  /** Disks that may be erased without asking. */
  readonly erase?: Erase;
  /** The BMC downloads the image from here. */
  readonly url?: string;
  /** Of the file at {@link url}. */
  readonly sha256?: string;
  /** The image is this file on the BMC. */
  readonly bmcFile?: string;
  /** Leave modules alone that the BMC could mistake for the target. */
  readonly otherNodes?: 'keep';
  /** What is in the slot, where no configuration says it. */
  readonly module?: string;
  readonly skipReadback?: boolean;
  /** Switch the node on afterwards. */
  readonly powerOn?: boolean;
}

/** After Ctrl-C the board is asked once more how it was left, for no longer than this. */
const AFTER_STOP_MS = 10_000;

/** `turingpi node flash`: writes an image to a node, as it is. Succeeds only when the board verified it. */
export async function nodeFlash(
  image: string | undefined,
  options: FlashOptions,
  terminal: Terminal,
): Promise<number> {
  const [node, ...others] = options.node ?? [];
  if (node === undefined || others.length > 0)
    throw new UsageError(
      'node flash needs --node with one node',
      'Example: turingpi node flash image.img.xz --node 2',
    );
  const json = options.json === true;
  const origin = originOf(image, options);
  using display = new TransferDisplay(terminal, json, { node });
  using interruption = onInterruption(() =>
    display.note('stopping: the transfer is cancelled on the board; press Ctrl-C again to leave at once'),
  );
  const { signal } = interruption;
  const question: { text?: string } = {};
  await using opened = await openBoard(
    options,
    terminal,
    flashApproval(options, terminal, {
      ...{ signal, question },
      note: (text) => display.note(text),
      aside: (ask) => ask(), // nothing is drawn before the flash begins
    }),
  );
  const { client: board, cluster, cacheDir } = opened;
  const request: Omit<FlashRequest, 'permit'> = {
    node,
    signal,
    image:
      'from' in origin ? origin : await localImage(path.resolve(terminal.cwd, origin.file), cacheDir, signal),
    progress: (progress) => display.show(progress),
    skipReadback: options.skipReadback === true,
  };
  const module = options.module ?? cluster?.config.nodes.get(node)?.board;
  await refuseFirmwareFault({ node, module }, board, { signal }); // before anybody is asked about the disk
  question.text = await questionOf(board, node, origin, signal);
  const permit = await permitToFlash(node, { board, cluster, cacheDir, options, terminal, signal, question });
  const otherNodes = options.otherNodes ?? (cluster && recordedNodes(cluster));
  let result: FlashResult;
  try {
    result = await board.flashNode({
      ...request,
      ...(module !== undefined && { module }),
      ...(otherNodes && { otherNodes }),
      permit,
    });
  } catch (error) {
    if (signal.aborted) display.warn(await stateAfterStop(board, node));
    throw error;
  }
  if (options.powerOn === true) await board.switchOn(node, { signal, onWait: (note) => display.note(note) });
  display[Symbol.dispose]();
  terminal.stdout.write(
    json ? `${JSON.stringify({ event: 'flashed', ...result })}\n` : summaryOf(result, options),
  );
  return EXIT.ok;
}

type Origin = { readonly file: string } | Extract<FlashRequest['image'], { readonly from: string }>;

/** @throws UsageError unless exactly one image is named */
function originOf(image: string | undefined, { url, sha256, bmcFile }: FlashOptions): Origin {
  const named = [image, url, bmcFile].filter((one) => one !== undefined);
  if (named.length !== 1)
    throw new UsageError(
      'node flash needs one image: a file, --url or --bmc-file',
      'Example: turingpi node flash image.img.xz --node 2',
    );
  if (url === undefined && sha256 !== undefined)
    throw new UsageError(
      '--sha256 belongs to --url',
      'Of a file the digest is computed here; of a file on the BMC the BMC checks none.',
    );
  if (bmcFile !== undefined) {
    if (bmcFile.startsWith('/')) return { from: 'bmc-file', path: bmcFile };
    throw new UsageError(`--bmc-file takes an absolute path on the BMC, not "${bmcFile}"`);
  }
  if (url === undefined) return { file: image ?? '' };
  if (!/^https?:\/\/./.test(url))
    throw new UsageError(`--url takes an http:// or https:// address, not "${url}"`);
  const digest = sha256?.trim().toLowerCase();
  if (digest === undefined || !/^[0-9a-f]{64}$/.test(digest))
    throw new UsageError(
      '--url needs --sha256 with the digest of the file there, 64 hex digits',
      'The BMC would write the page of an error to the node as well: only the digest tells.',
    );
  return { from: 'url', url, sha256: digest };
}

/** @throws ImageError `IMAGE_NOT_AN_IMAGE` for what no disk may be overwritten with. */
async function localImage(
  file: string,
  cacheDir: string,
  signal: AbortSignal,
): Promise<FlashRequest['image']> {
  await makeDirectory(cacheDir);
  return await flashableImage(file, { cacheDir, signal });
}

/** Names node, module and image. What somebody noted about the module is all that a board knows of it. */
async function questionOf(
  board: BmcClient,
  node: NodeId,
  origin: Origin,
  signal: AbortSignal,
): Promise<string> {
  const { nodeNotes } = await board.capabilities({ signal });
  const notes = nodeNotes ? (await board.board.nodeNotes({ signal }))[node] : undefined;
  const module = [notes?.moduleName, notes?.name].filter((text) => text !== undefined).join(' ');
  const what =
    'file' in origin
      ? origin.file
      : origin.from === 'url'
        ? origin.url
        : `${origin.path}, a file on the board`;
  return `Overwrite everything on the storage of ${nodeName(node)} (${module === '' ? 'module not noted on the board' : module}) of ${board.endpoint.host} with ${what}?`;
}

async function stateAfterStop(board: BmcClient, node: NodeId): Promise<string> {
  const options = { signal: AbortSignal.timeout(AFTER_STOP_MS), busyMs: AFTER_STOP_MS };
  try {
    const status = await board.transfer.status(options);
    const power = (await board.power.get(options))[node];
    const transfer =
      status.state === 'transferring'
        ? 'a transfer is still running on the board'
        : 'no transfer is running on the board any more';
    return `stopped: ${transfer}; ${nodeName(node)} is ${power}. Its storage may hold a part of the image: flash it again before use.`;
  } catch {
    return `stopped, but the board does not say how it was left: run turingpi doctor.`;
  }
}

function summaryOf(result: FlashResult, options: FlashOptions): string {
  const { node, rawSizeBytes, durationMs, remarks, targetProven } = result;
  const amount = rawSizeBytes === undefined ? '' : `${formatBytes(rawSizeBytes)} `;
  const how = options.skipReadback === true ? 'written, not read back' : 'written and verified';
  const power = options.powerOn === true ? 'on' : 'off';
  return [
    `${nodeName(node)} holds the image: ${amount}${how} in ${formatDuration(durationMs)}; it is ${power}.`,
    ...remarks.map((remark) => `  ${remark}`),
    ...(targetProven
      ? []
      : [`  The board does not tell which module it wrote: that ${nodeName(node)} boots it is the proof.`]),
    '',
  ].join('\n');
}
