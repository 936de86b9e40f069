import { LzmaNativeCodec } from './lzma-native-codec.js';
import { findSystemXz } from './system-xz-codec.js';
import type { XzCodec } from './xz-codec.js';

let inProcess: Promise<XzCodec | undefined> | undefined;

/** The codec for small blocks: without the cost of a process for each. Undefined where its binary does not load. */
export function inProcessXzCodec(): Promise<XzCodec | undefined> {
  return (inProcess ??= import('lzma-native').then(
    () => new LzmaNativeCodec(),
    () => undefined,
  ));
}

let chosen: Promise<XzCodec> | undefined;

/** The `xz` program where the host has it (1.7 times faster, and a process of its own), else `lzma-native`. */
export function defaultXzCodec(): Promise<XzCodec> {
  return (chosen ??= findSystemXz().then((system) => system ?? new LzmaNativeCodec()));
}
