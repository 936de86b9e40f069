import type { NodeMachine, NodeMachineOptions } from '@turingpi/virtual-node';

/** A machine of boot depth `none`: it never boots, its bytes can be looked at. */
export class BytesOnlyMachine implements NodeMachine {
  readonly ssh;

  constructor(options: NodeMachineOptions) {
    this.ssh = options.ssh;
  }

  powerOn(): Promise<void> {
    return Promise.resolve();
  }

  powerOff(): Promise<void> {
    return Promise.resolve();
  }

  sendConsole(): void {
    // nobody reads
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
