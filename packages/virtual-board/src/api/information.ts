import { NODE_IDS } from '@turingpi/foundation';
import { envelope, type Reply } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import type { ApiContext, ApiType } from './api-context.js';

const API_LEVEL = '1.1';
const FORK_BUILDROOT = '2025.02.17';
const FORK_KERNEL = '6.12.109';

/** `type=about` (docs/reference/bmc-protocol.md, "Information" and "Versions"). */
export const about: ApiType = {
  get: ({ identity, profile }) => {
    const common = { api: API_LEVEL, buildroot: identity.systemName, buildtime: identity.buildTime };
    const board = { board_model: identity.boardModel, board_revision: identity.boardRevision };
    const { hostname } = identity;
    const { fork } = profile;
    if (fork) {
      return envelope({
        api: API_LEVEL,
        bmcd_version: profile.daemonVersion,
        ...board,
        board_serial: identity.boardSerial ?? null,
        build_version: profile.daemonVersion,
        buildroot: FORK_BUILDROOT,
        buildtime: identity.buildTime,
        hostname,
        kernel: FORK_KERNEL,
        version: fork.firmwareVersion,
      });
    }
    if (profile.identity235) {
      const version = { version: identity.systemVersion };
      return envelope({
        api: API_LEVEL,
        bmcd_version: profile.daemonVersion,
        ...board,
        buildroot: identity.systemName,
        buildtime: identity.buildTime,
        hostname,
        ...version,
      });
    }
    const daemon = { build_version: identity.systemVersion, hostname, version: profile.daemonVersion };
    return envelope(profile.transfers23 ? { ...common, ...board, ...daemon } : { ...common, ...daemon });
  },
};

/** The body of `type=other`, which port 80 serves as well. */
export function otherReply({ identity, profile }: Pick<ApiContext, 'identity' | 'profile'>): Reply {
  const common = {
    api: API_LEVEL,
    buildroot: profile.fork ? FORK_BUILDROOT : identity.quotedSystemName,
    buildtime: identity.buildTime,
    ip: identity.address,
    mac: identity.mac,
  };
  return envelope([
    profile.identity235
      ? { ...common, version: profile.fork?.firmwareVersion ?? identity.systemVersion }
      : { ...common, build_version: identity.systemVersion, version: profile.daemonVersion },
  ]);
}

/** `type=other`, the older twin of `about`. */
export const other: ApiType = { get: (context) => otherReply(context) };

/** `type=info`: addresses and storage. */
export const info: ApiType = {
  get: ({ identity }) => {
    const storage = [
      ...identity.storage,
      ...(identity.sdCard ? [{ name: 'SD card', ...identity.sdCard }] : []),
    ];
    return envelope({
      ip: identity.addresses.map(({ device, ip, mac }) => ({ device, ip, mac })),
      storage: storage.map((one) => ({
        bytes_free: one.freeBytes,
        name: one.name,
        total_bytes: one.totalBytes,
      })),
    });
  },
};

/** `type=sdcard`. */
export const sdcard: ApiType = {
  get: ({ identity: { sdCard } }) => {
    // The braces are literal: the daemon's message was never formatted.
    if (!sdCard) throw new RequestError(400, 'Failed to get microSD card info: {}');
    const { totalBytes: total, freeBytes: free } = sdCard;
    return envelope([{ total, use: total - free, free }]);
  },
  set: () => {
    throw new RequestError(501, 'microSD card formatting is not implemented');
  },
};

/** `type=nodeinfo`, kept for old clients: always zeros. */
export const oldNodeInfo: ApiType = {
  get: () => envelope([Object.fromEntries(NODE_IDS.map((id) => [`node${id}`, 0]))]),
  set: () => {
    throw new RequestError(501, 'Method type `set` on parameter `nodeinfo` is deprecated');
  },
};
