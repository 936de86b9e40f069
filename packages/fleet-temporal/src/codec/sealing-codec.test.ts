import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { Secret } from '@turingpi/core/plugin';
import { describe, expect, it } from 'vitest';
import { SealingCodec } from './sealing-codec.js';

const newKey = () => new Secret(randomBytes(32).toString('base64'));
const [key, other] = [newKey(), newKey()];
const payload = defaultPayloadConverter.toPayload({ board: 'lab1' });
const unreadable = { code: 'FLEET_PAYLOAD_UNREADABLE' };

describe('SealingCodec', () => {
  const codec = new SealingCodec([key]);

  it('opens what it has sealed, and two seals of the same differ', async () => {
    const sealed = await codec.encode([payload, payload]);
    expect(sealed[0]?.data).not.toEqual(sealed[1]?.data);
    expect(Buffer.from(sealed[0]!.data!).includes('lab1')).toBe(false);
    const opened = await codec.decode(sealed);
    expect(opened.map((each) => defaultPayloadConverter.fromPayload(each))).toEqual([
      { board: 'lab1' },
      { board: 'lab1' },
    ]);
  });

  it('opens what was sealed with a key before', async () => {
    const later = new SealingCodec([other, key]);
    expect(await later.decode(await codec.encode([payload]))).toHaveLength(1);
    await expect(codec.decode(await later.encode([payload]))).rejects.toMatchObject(unreadable);
  });

  it('refuses what was altered, and what somebody without a key has put there', async () => {
    const [sealed] = await codec.encode([payload]);
    const altered = Buffer.from(sealed!.data!);
    altered[20]! ^= 1;
    for (const wrong of [{ ...sealed, data: altered }, { ...sealed, data: Buffer.alloc(3) }, payload])
      await expect(codec.decode([wrong])).rejects.toMatchObject(unreadable);
  });

  it('lets the one word through that the server writes itself, of a task that nobody took', async () => {
    const word = defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED');
    const [opened] = await codec.decode([word]);
    expect(defaultPayloadConverter.fromPayload(opened!)).toBe('ACTIVITY_ID_NOT_STARTED');
    const longer = defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED ');
    await expect(codec.decode([longer])).rejects.toMatchObject(unreadable);
  });

  it('refuses a key of another length, without saying it', () => {
    const short = () => new SealingCodec([new Secret('c2hvcnQ=')]);
    expect(short).toThrow(expect.objectContaining({ code: 'FLEET_KEY_INVALID' }));
    expect(short).not.toThrow(/c2hvcnQ/);
  });
});
