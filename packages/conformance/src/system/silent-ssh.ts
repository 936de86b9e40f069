import { RuntimeError, type SshRuntime, type SshTarget } from '@turingpi/runtime';

/** An SSH client in a network in which nobody answers: it waits until it is stopped or its time is over. */
export class SilentSsh implements SshRuntime {
  /** Whom it was told to reach. */
  readonly targets: SshTarget[] = [];
  /** Called when it begins to wait. */
  onWait: () => void = () => undefined;
  /** Whether the time of every wait is over at once. */
  isOver = false;

  connect(target: SshTarget, { signal }: { readonly signal?: AbortSignal }): Promise<never> {
    this.targets.push(target);
    return this.#wait(signal);
  }

  waitFor(target: SshTarget, options: { readonly signal: AbortSignal }): Promise<never> {
    return this.connect(target, options);
  }

  reboot(_session: unknown, target: SshTarget, options: { readonly signal: AbortSignal }): Promise<never> {
    return this.connect(target, options);
  }

  askHostKey(_where: unknown, { signal }: { readonly signal?: AbortSignal }): Promise<never> {
    return this.#wait(signal);
  }

  changeExpiredPassword(target: SshTarget, options: { readonly signal?: AbortSignal }): Promise<never> {
    return this.connect(target, options);
  }

  #wait(signal: AbortSignal | undefined): Promise<never> {
    this.onWait();
    if (this.isOver) return Promise.reject(new RuntimeError('SSH_UNREACHABLE', 'nobody answers'));
    return new Promise((_resolve, reject) => {
      const stop = (): void => reject(signal?.reason as Error);
      if (signal?.aborted === true) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }
}
