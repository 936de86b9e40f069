import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** An exporter whose failures are told: OpenTelemetry's own are silent. */
export class ToldExporter implements SpanExporter {
  #hasFailed = false;

  /** @param onFailure - told of the first failure, in words */
  constructor(
    private readonly exporter: SpanExporter,
    private readonly onFailure: (message: string) => void,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
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
