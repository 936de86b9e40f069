import { LinuxError } from '../linux-error.js';
import type { BoardFamily, DetectedImage } from './detected-image.js';

/** Board types that we know, and what an image for them is made for. Others are not checked. */
const BOARD_FAMILIES: ReadonlyMap<string, { readonly family: BoardFamily; readonly title: string }> = new Map(
  [
    ['rk1', { family: 'rockchip-rk3588', title: 'a Turing RK1 (Rockchip RK3588)' }],
    ['cm4', { family: 'raspberry-pi', title: 'a Raspberry Pi Compute Module 4' }],
  ],
);

const FAMILY_TITLES: Readonly<Record<BoardFamily, string>> = {
  'rockchip-rk3588': 'boards with a Rockchip RK3588',
  'raspberry-pi': 'Raspberry Pi boards',
  other: 'another board',
  unknown: 'an unknown board',
};

const FORCE =
  'To take it all the same: turingpi up --accept-image-mismatch, or withForce() of the image builder.';

/**
 * Refuses an image that cannot work: another distribution than asked for, or another board's boot files.
 *
 * @throws LinuxError `OS_MISMATCH`, `BOARD_MISMATCH`
 */
export function checkFit(
  image: DetectedImage,
  wanted: { readonly distribution: string; readonly boardType: string },
): void {
  if (image.distribution.id !== wanted.distribution)
    throw new LinuxError(
      'OS_MISMATCH',
      `the image holds ${image.distribution.name}, not ${wanted.distribution}`,
      {
        hint: `Use the ${image.distribution.id} plugin or another image. ${FORCE}`,
        details: { found: image.distribution.id, wanted: wanted.distribution },
      },
    );
  const board = BOARD_FAMILIES.get(wanted.boardType);
  if (board === undefined || image.board === 'unknown' || image.board === board.family) return;
  throw new LinuxError(
    'BOARD_MISMATCH',
    `the image was made for ${FAMILY_TITLES[image.board]} (${image.boardReason}), and the node is ${board.title}`,
    {
      hint: `It would not boot. Use an image for the node's board. ${FORCE}`,
      details: { found: image.board, wanted: board.family },
    },
  );
}
