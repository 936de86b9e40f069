import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

/** As much of an exporter as those of spans and of metrics have in common. */
export interface AnyExporter<T> {
  export(items: T, done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** An exporter whose failures are told: OpenTelemetry's own are silent. */
export class ToldExporter<T> implements AnyExporter<T> {
  #hasFailed = false;

  /** @param onFailure - told of the first failure, in words */
  constructor(
    private readonly exporter: AnyExporter<T>,
    private readonly onFailure: (message: string) => void,
  ) {}

  export(items: T, done: (result: ExportResult) => void): void {
    this.exporter.export(items, (result) => {
      if (result.code === ExportResultCode.FAILED && !this.#hasFailed) {
        this.#hasFailed = true;
        this.onFailure(describe(result.error));
      }
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}

/** A host with several addresses, none of which answers, fails without a message. */
function describe(error: (Error & { readonly code?: unknown }) | undefined): string {
  const { message = '', code = 'no reason was given' } = error ?? {};
  return message === '' ? String(code) : message;
}
