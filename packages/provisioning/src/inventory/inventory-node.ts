import type { InstalledNode, JumpConfig, Node, PhaseRecord } from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import { SSH_PORT } from '@turingpi/runtime';

/** A configured node as other programs are told of it: nothing of it is secret. */
export interface InventoryNode {
  readonly nodeId: NodeId;
  /** Name of its board, where there are several. */
  readonly board?: string;
  /** As the configuration has it. */
  readonly hostname: string;
  readonly ipAddress: string;
  /** What is in the slot: `rk1`. */
  readonly boardType: string;
  readonly os?: string;
  /** Where its SSH is: the address, unless the configuration says otherwise. */
  readonly ssh: {
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    /** The server that it is reached through. */
    readonly jump?: InventoryJump;
  };
  /** What it is known by; none where no installation is on record. */
  readonly hostKeys: readonly string[];
  readonly installationId?: string;
  /** ISO 8601: when it was installed, or adopted. */
  readonly installedAt?: string;
}

/** A server on the way to nodes. */
export interface InventoryJump {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** What it is known by. */
  readonly hostKeys: readonly string[];
}

/**
 * A node for an inventory.
 *
 * @param record - of its installation, where one stands
 * @param username - who logs in, where the configuration says it
 */
export function inventoryNode(
  node: Node,
  installed: InstalledNode | undefined,
  { record, username }: { readonly record?: PhaseRecord | undefined; readonly username?: string | undefined },
): InventoryNode {
  const { config, board, hostname } = node;
  // Where it is, until it has that of the configuration.
  const ipAddress = installed?.ipAddress ?? node.ipAddress;
  const user = installed?.username === undefined ? undefined : (username ?? installed.username);
  const os = installed?.os ?? config.os;
  return {
    nodeId: node.id,
    ...(board === undefined ? {} : { board }),
    ...{ hostname, ipAddress, boardType: config.board },
    ...(os === undefined ? {} : { os }),
    ssh: {
      host: config.ssh?.host ?? ipAddress,
      port: config.ssh?.port ?? SSH_PORT,
      ...(user === undefined ? {} : { username: user }),
      ...(config.ssh?.jump === undefined ? {} : { jump: inventoryJump(config.ssh.jump) }),
    },
    hostKeys: installed?.hostKeys ?? [],
    ...(installed === undefined ? {} : { installationId: installed.installationId }),
    ...(installed === undefined || record === undefined ? {} : { installedAt: record.timestamp }),
  };
}

function inventoryJump({ host, port, username, hostKeys }: JumpConfig): InventoryJump {
  return { host, port, username, hostKeys };
}
