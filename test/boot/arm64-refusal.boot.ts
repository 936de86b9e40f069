import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Node1 } from '@turingpi/foundation';
import { ServedImage } from '@turingpi/install-network/served';
import { inject, it, vi } from 'vitest';
import { installOverNetwork } from './install-over-network.js';
import { showAtFailure } from './show-at-failure.js';

const { directory, images } = inject('bootImages');
const image = images?.['debian-arm64'];
const isShort = process.env['BOOTS'] === 'strongest';

it.skipIf(!image || isShort)(
  'what has another digest is not installed, and never starts',
  async ({ expect, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs/arm64-refusal-');
    showAtFailure(onTestFailed, `${consoleFile}1.log`);
    const open = ServedImage.open.bind(ServedImage);
    vi.spyOn(ServedImage, 'open').mockImplementation(async (...parameters) => {
      const served = await open(...parameters);
      const planFor = served.planFor.bind(served);
      vi.spyOn(served, 'planFor').mockImplementation(async (bytes) => {
        const plan = await planFor(bytes);
        const [first, ...rest] = plan.parcels;
        const read = async function* (signal: AbortSignal, from: number) {
          for await (const chunk of first!.read(signal, from))
            yield Buffer.from(chunk.map((byte) => byte ^ 1));
        };
        return { ...plan, parcels: [{ ...first!, read }, ...rest] };
      });
      return served;
    });
    await expect(
      installOverNetwork({ nodes: [{ id: Node1 }], baseImage: image!, consoleFile }),
    ).rejects.toMatchObject({
      code: 'INSTALLER_FAILED',
      message: expect.stringContaining('another digest') as string,
    });
    const log = await readFile(`${consoleFile}1.log`, 'utf8');
    expect(log).toContain('turingpi-installer: given up');
    expect(log).not.toContain('login:');
  },
);
