import { inspectPlugins } from '@turingpi/core';
import type { ImageBackend } from '@turingpi/image/customization';
import { IMAGE_BACKENDS } from '@turingpi/provisioning';
import { PROGRAM_DIR } from './program-dir.js';
import type { Terminal } from './terminal.js';

/** The image backends of the plugins that are installed beside this program, or in the project of the working directory. */
export async function installedBackends(terminal: Terminal): Promise<readonly ImageBackend[]> {
  const { registry } = await inspectPlugins({ projectDir: terminal.cwd, programDir: PROGRAM_DIR });
  return registry.extensions.all(IMAGE_BACKENDS);
}
