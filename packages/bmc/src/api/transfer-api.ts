import type { NodeId } from '@turingpi/foundation';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, type Parameters, setCall, wireNode } from './bmc-call.js';
import { bareJsonOf, expectEmpty } from './reply.js';
import { type TransferStatus, transferStatusSchema } from './transfer-status.js';
import { uploadBody } from './upload-body.js';
import type { UploadSource, UploadWatch } from './upload-source.js';

/** Where the bytes of a transfer come from. */
export type TransferSource =
  /** We post them; `name` decides about decompression: only a lower-case `.xz` is decompressed. */
  | { readonly from: 'upload'; readonly name: string; readonly lengthBytes: number; readonly sha256: string }
  /** The BMC downloads them. It does not look at the server's status code, so the digest is needed. */
  | { readonly from: 'url'; readonly url: string; readonly sha256: string }
  /** A file on the BMC, absolute path. The BMC checks no digest of it. */
  | { readonly from: 'bmc-file'; readonly path: string };

/** Options of a start request. */
export interface StartOptions extends CallOptions {
  /** Leave out the pass that reads everything back. */
  readonly skipReadback?: boolean;
  /** Of firmware: put it in the place of one that waits for the next boot. Only the fork refuses that otherwise. */
  readonly replaceStaged?: boolean;
}

const handleSchema = z.object({ handle: z.number().int().nonnegative() });

/**
 * The one transfer slot of a board (docs/reference/bmc-protocol.md, "One transfer slot"), as it is.
 *
 * @remarks A start request silently kills whatever runs. Flash nodes with the flash job, which takes care of that.
 */
export class TransferApi {
  constructor(private readonly session: BmcSession) {}

  async status(options: CallOptions = {}): Promise<TransferStatus> {
    return bareJsonOf(
      await this.session.call(getCall('flash', {}, options)),
      transferStatusSchema,
      'transfer status',
    );
  }

  /** Begins a transfer to a node and returns its handle. The BMC takes the node down at once. */
  startFlash(node: NodeId, source: TransferSource, options: StartOptions = {}): Promise<number> {
    return this.#start(
      'flash',
      { node: wireNode(node), ...sourceParameters(source) },
      `flash of node ${node}`,
      options,
    );
  }

  /** Begins a transfer of BMC firmware (`.tpu`) and returns its handle. */
  startFirmware(source: TransferSource, options: StartOptions = {}): Promise<number> {
    return this.#start('firmware', sourceParameters(source), 'firmware upgrade', options);
  }

  /**
   * Posts the bytes of an upload on a connection of its own; returns when the BMC has taken them all, which is not yet
   * success. Nothing else can be asked of the BMC meanwhile.
   *
   * @throws BmcError the meaning of the BMC's answer; BMC_FLASH_INTERRUPTED when the connection broke;
   * BMC_FLASH_STALLED; BMC_FLASH_IMAGE_UNUSABLE when the source has another length than announced
   */
  upload(handle: number, source: UploadSource, watch: UploadWatch): Promise<void> {
    return this.session.exclusively(
      (access) => uploadBody(this.session.transport, { handle, source, access, watch }),
      { signal: watch.signal },
    );
  }

  /** Ends whatever transfer is current, of whomever. */
  async cancel(options: CallOptions = {}): Promise<void> {
    const reply = await this.session.call({
      ...options,
      name: 'cancel transfer',
      method: 'GET',
      path: '/api/bmc/upload/0/cancel',
      idempotent: true,
    });
    expectEmpty(reply, 'cancel of the transfer');
  }

  async #start(type: string, parameters: Parameters, what: string, options: StartOptions): Promise<number> {
    const { skipReadback = false, replaceStaged = false, ...call } = options;
    const reply = await this.session.call(
      setCall(
        type,
        {
          ...parameters,
          ...(skipReadback ? { skip_crc: true as const } : {}),
          ...(replaceStaged ? { force: 1 } : {}),
        },
        { ...call, idempotent: false },
      ),
    );
    return bareJsonOf(reply, handleSchema, what).handle;
  }
}

function sourceParameters(source: TransferSource): Parameters {
  switch (source.from) {
    case 'upload':
      // The name reaches a shell in firmware upgrades, and one that begins with `http` is taken for an address.
      if (!/^(?!http)[A-Za-z0-9][A-Za-z0-9._-]*$/.test(source.name)) {
        throw new BmcError(
          'BMC_FLASH_IMAGE_UNUSABLE',
          `cannot announce a file named "${source.name}" to the BMC`,
        );
      }
      if (source.lengthBytes <= 0) throw new BmcError('BMC_FLASH_IMAGE_UNUSABLE', 'the image is empty');
      return { file: source.name, length: source.lengthBytes, sha256: source.sha256 };
    case 'url':
      if (!/^https?:\/\//.test(source.url)) {
        throw new BmcError(
          'BMC_FLASH_URL_FAILED',
          `not an address that the BMC can download from: ${source.url}`,
        );
      }
      return { file: source.url, sha256: source.sha256 };
    case 'bmc-file':
      if (!source.path.startsWith('/')) {
        throw new BmcError('BMC_FLASH_FILE_UNUSABLE', `not an absolute path on the BMC: ${source.path}`);
      }
      return { local: true, file: source.path };
  }
}
