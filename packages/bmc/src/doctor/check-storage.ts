import type { Examination } from './examination.js';
import { type Finding, finding } from './finding.js';

/** The microSD card of the BMC, which only images on the board itself need. */
export async function checkStorage({ client, signal }: Examination): Promise<readonly Finding[]> {
  const { storage } = await client.board.info({ signal });
  const card = storage.find(({ name }) => name === 'SD card');
  const system = storage.find(({ name }) => name === 'BMC');
  if (!card) {
    return [finding('BMC_SDCARD_ABSENT', 'note', 'no microSD card is in the slot of the BMC')];
  }
  // A card that is not mounted is reported with the numbers of the filesystem around its directory.
  if (card.totalBytes === system?.totalBytes) {
    return [
      finding(
        'BMC_SDCARD_NOT_MOUNTED',
        'note',
        'a microSD card is in the slot of the BMC but not mounted',
        'Mount it on the BMC at /mnt/sdcard, with a filesystem that it knows (FAT32, exFAT or ext4).',
      ),
    ];
  }
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  const sizes = `${gigabytes(card.freeBytes)} of ${gigabytes(card.totalBytes)} GB free`;
  return [finding('BMC_SDCARD', 'ok', `a microSD card is mounted, ${sizes}`)];
}
