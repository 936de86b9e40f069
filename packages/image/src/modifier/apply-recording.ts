import { addAbortSignal } from 'node:stream';
import type { Progress } from '@turingpi/foundation';
import type { ImageSession } from '../engine/image-engine.js';
import type { FileContent } from '../filesystem/file-system.js';
import type { ImageFiles } from '../filesystem/image-files.js';
import type { ImageOperation } from './image-operation.js';
import type { ImageRecording } from './image-recording.js';
import { openLocalFile } from './local-source.js';
import type { BytesPart, LocalPart } from './recorded-content.js';
import { attributesOrNone } from './recorded-partition.js';

export interface ApplyRecordingOptions {
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
}

/**
 * Carries out recorded operations on an image, in their order. Files of this machine are streamed, and refused if
 * they are not any more what was recorded.
 *
 * @remarks After an error the session holds a part of the changes: it must be given up, not saved.
 * @throws ImageError `IMAGE_SOURCE_CHANGED`, `IMAGE_NO_SPACE`, `IMAGE_NO_INODES` and those of the operations; the
 * reason of the signal.
 */
export async function applyRecording(
  { operations }: ImageRecording,
  session: ImageSession,
  { signal, progress }: ApplyRecordingOptions,
): Promise<void> {
  for (const [done, operation] of operations.entries()) {
    signal.throwIfAborted();
    progress?.({
      activity: 'edit files',
      done,
      total: operations.length,
      unit: 'steps',
      note: operation.path,
    });
    try {
      await applyOperation(await session.files(operation.partition), operation, signal);
    } catch (error) {
      signal.throwIfAborted(); // whatever the abort of a stream became on its way
      throw error;
    }
  }
  progress?.({ activity: 'edit files', done: operations.length, total: operations.length, unit: 'steps' });
}

async function applyOperation(
  files: ImageFiles,
  operation: ImageOperation,
  signal: AbortSignal,
): Promise<void> {
  switch (operation.call) {
    case 'writeFile':
      return files.writeFile(operation.path, contentOf(operation.content, signal), operation.attributes);
    case 'appendFile':
      return files.appendFile(operation.path, contentOf(operation.content, signal));
    case 'mkdir':
      return files.mkdir(operation.path, attributesOrNone(operation.attributes));
    case 'symlink':
      return files.symlink(operation.target, operation.path);
    case 'setAttributes':
      return files.setAttributes(operation.path, operation.attributes);
    case 'rename':
      return files.rename(operation.path, operation.to);
    case 'remove':
      return files.remove(operation.path);
  }
}

function contentOf(content: BytesPart | LocalPart, signal: AbortSignal): FileContent {
  if (content.kind === 'bytes') return content.bytes;
  return { stream: addAbortSignal(signal, openLocalFile(content)), size: content.size };
}
