import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const VLAN_PORT = path.join(import.meta.dirname, 'vlan-port.mjs');

/** What is around an emulated node with 64-bit ARM. */
export interface EmulatorSettings {
  /** Where it is to be. */
  readonly program: string;
  /** Directory that gets what goes through the node's port: a capture for each time that it is switched on. */
  readonly wire: string;
  /** The only VLAN that the node's port carries; default: what is untagged. */
  readonly vlan?: number | undefined;
}

/** Makes an emulator that writes down what the node sends and gets. @returns Its path. */
export async function makeEmulator({ program, wire, vlan }: EmulatorSettings): Promise<string> {
  await mkdir(wire);
  const behind = vlan === undefined ? '' : `'${process.execPath}' '${VLAN_PORT}' ${vlan} `;
  const dump = `-object filter-dump,id=wire,netdev=lan,file='${wire}'/$$`;
  await writeFile(
    program,
    `#!/bin/sh\ncase $* in *netdev*) set -- "$@" ${dump} ;; esac\nexec ${behind}qemu-system-aarch64 "$@"\n`,
  );
  await chmod(program, 0o755);
  return program;
}
