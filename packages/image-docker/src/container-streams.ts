import { PassThrough } from 'node:stream';
import type { Container } from 'dockerode';

/** A hijacked connection of the client, which is a socket. */
export type Connection = NodeJS.ReadWriteStream & { readonly destroyed: boolean; destroy(): void };

/** What a program in a container writes: standard output, and standard error. */
export function demultiplex(container: Container, stream: NodeJS.ReadableStream): [PassThrough, PassThrough] {
  const output = new PassThrough();
  const errors = new PassThrough();
  const modem = container.modem as {
    demuxStream(from: NodeJS.ReadableStream, out: PassThrough, err: PassThrough): void;
  };
  modem.demuxStream(stream, output, errors);
  const finish = (): void => {
    output.end();
    errors.end();
  };
  stream.once('end', finish);
  stream.once('close', finish);
  return [output, errors];
}

/** Writes all of it into a program in a container, as fast as that reads, and ends its input. */
export async function feed(content: AsyncIterable<Uint8Array>, stream: Connection): Promise<void> {
  try {
    for await (const piece of content) {
      if (stream.destroyed) return;
      if (!stream.write(piece))
        await new Promise<void>((resolve) => {
          const go = (): void => {
            stream.off('drain', go);
            stream.off('close', go);
            resolve();
          };
          stream.once('drain', go);
          stream.once('close', go);
        });
    }
    stream.end();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
