import { diagnoseBoard } from '@turingpi/bmc';
import { type Progress, Secret } from '@turingpi/foundation';
import { expect, test } from 'vitest';
import { type BoardFixture, emmcBytes, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const PASSWORD = 'correct horse battery';
const OWN = { credentials: { username: 'root', password: new Secret(PASSWORD) } };

/** A flash of node 2 in the middle of which the board makes itself a new key and every connection breaks. */
async function brokenFlash(
  fixture: BoardFixture,
  { when, restart = false }: { readonly when: 'upload' | 'write'; readonly restart?: boolean },
) {
  const { board } = fixture;
  const image = rawImage(3 * MB);
  let changed: Promise<void> | undefined;
  const change = async () => {
    await board.reissueCertificate();
    if (restart) await board.restart();
    else board.cutConnections();
  };
  const progress = ({ activity, done }: Progress) => {
    if (activity === when && done !== 0) changed ??= change();
  };
  const client = fixture.client(OWN);
  const failure: unknown = await client
    .flashNode({ node: 2, image, progress })
    .catch((cause: unknown) => cause);
  await changed;
  return { client, image, failure, asked: board.accessLog.length };
}

const start = () =>
  startBoard({
    profile: 'hive-2.38',
    password: PASSWORD,
    emmcBytesPerSecond: 2 * MB,
    networkBytesPerSecond: 16 * MB,
  });
const trusting = (fixture: BoardFixture) =>
  fixture.client({ ...OWN, pins: { publicKeyPin: fixture.board.publicKeyPin } });
const flashes = ({ board }: BoardFixture) =>
  board.accessLog.filter(({ target }) => target.includes('opt=set&type=flash')).length;

test('a key that changes while the board writes: the error says how it stands, and the flash is followed to its end', async () => {
  await using fixture = await start();
  const { client, image, failure, asked } = await brokenFlash(fixture, { when: 'write' });
  expect(failure).toMatchObject({
    code: 'BMC_FLASH_UNWATCHED',
    message: expect.stringMatching(/goes on writing.*leave node 2 as it is/) as string,
    details: { node: 2, uploaded: true },
  });
  // Not even the login: whoever answers now may be anybody.
  await expect(client.flashNode({ node: 2, image })).rejects.toMatchObject({
    code: 'BMC_CERTIFICATE_CHANGED',
  });
  expect(fixture.board.accessLog).toHaveLength(asked);

  const result = await trusting(fixture).flashNode({ node: 2, image });
  expect(result).toMatchObject({ followed: true, node: 2 });
  expect(flashes(fixture)).toBe(1);
  expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
});

test('whose flash ended before the new key was trusted: how it ended is told, and proves nothing', async () => {
  await using fixture = await start();
  const { image } = await brokenFlash(fixture, { when: 'write' });
  await expect.poll(() => fixture.board.transferStatus, { timeout: 20_000 }).toContain('Done');
  const client = trusting(fixture);
  expect(await diagnoseBoard(client)).toContainEqual(
    expect.objectContaining({
      code: 'BMC_TRANSFER_UNFINISHED',
      message: expect.stringContaining('was done as far as the BMC tells') as string,
    }),
  );
  const result = await client.flashNode({ node: 2, image });
  expect(result.followed).toBe(false);
  expect(result.remarks[0]).toContain('was done as far as the BMC tells');
  expect(flashes(fixture)).toBe(2);
});

test.each([
  ['upload', false, 'a part of the image at most', /failed on the BMC/],
  ['write', true, 'unless its daemon was restarted', /ended by a restart of the daemon/],
] as const)(
  'a key that changes in the %s, with a restart of the daemon: %s',
  async (when, restart, state, outcome) => {
    await using fixture = await start();
    const { image, failure } = await brokenFlash(fixture, { when, restart });
    expect(failure).toMatchObject({
      code: 'BMC_FLASH_UNWATCHED',
      message: expect.stringContaining(state) as string,
    });
    const result = await trusting(fixture).flashNode({ node: 2, image });
    expect(result.followed).toBe(false);
    expect(result.remarks[0]).toMatch(outcome);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
    expect(fixture.board.nodes[1]!.powered).toBe(false);
  },
);

test('a key that changes again while the earlier flash is followed leaves it to be found', async () => {
  await using fixture = await start();
  const { image } = await brokenFlash(fixture, { when: 'write' });
  let changed: Promise<void> | undefined;
  const again = trusting(fixture).flashNode({
    node: 2,
    image,
    progress: ({ activity }) => {
      if (activity === 'write')
        changed ??= fixture.board.reissueCertificate().then(() => fixture.board.cutConnections());
    },
  });
  await expect(again).rejects.toMatchObject({ code: 'BMC_FLASH_UNWATCHED' });
  expect(await trusting(fixture).flashNode({ node: 2, image })).toMatchObject({ followed: true });
  expect(flashes(fixture)).toBe(1);
});
