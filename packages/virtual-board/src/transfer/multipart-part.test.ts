import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedFormError, MultipartPart } from './multipart-part.js';

const TYPE = 'multipart/form-data; boundary=XYZ';
const HEAD = '--XYZ\r\nContent-Disposition: form-data; name="file"\r\n\r\n';

function reader(body: Buffer, cuts: readonly number[] = []): () => Promise<Buffer | undefined> {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (body.length + 1)), body.length])].sort(
    (a, b) => a - b,
  );
  const pieces = at.slice(1).map((end, index) => body.subarray(at[index], end));
  return () => Promise.resolve(pieces.shift());
}

async function content(part: MultipartPart): Promise<Buffer> {
  await part.open();
  const chunks: Buffer[] = [];
  for (let chunk = await part.read(); chunk; chunk = await part.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('the content is the same however the body is cut', async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  // Contents full of what delimiters are made of are the hard ones.
  const tricky = fc
    .array(fc.constantFrom('\r', '\n', '-', '--', '\r\n--', '\r\n--XY', 'X', 'Y'), { maxLength: 40 })
    .map((parts) => Buffer.from(parts.join('')));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(bytes, tricky),
      fc.array(fc.nat(400), { maxLength: 12 }),
      async (payload, cuts) => {
        const body = Buffer.concat([Buffer.from(HEAD), payload, Buffer.from('\r\n--XYZ--\r\n')]);
        expect(await content(new MultipartPart(TYPE, reader(body, cuts)))).toEqual(Buffer.from(payload));
      },
    ),
    { numRuns: 200 },
  );
});

test('only the first part is read; lines before its boundary are skipped', async () => {
  const body = Buffer.from(`preamble\r\n\r\n${HEAD}one\r\n${HEAD}two\r\n--XYZ--\r\n`);
  expect((await content(new MultipartPart(TYPE, reader(body)))).toString()).toBe('one');
});

test.each([
  ['no content type', undefined, HEAD],
  ['another content type', 'text/plain; boundary=XYZ', HEAD],
  ['no boundary parameter', 'multipart/form-data', HEAD],
  ['a part without a name', TYPE, '--XYZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XYZ--\r\n'],
  ['no part', TYPE, 'nothing here'],
  ['a boundary that is not alone on its line', TYPE, `garbage${HEAD}x\r\n--XYZ--\r\n`],
  ['a body that ends inside the part', TYPE, `${HEAD}x`],
])('refuses %s', async (_, type, body) => {
  const read = async (): Promise<Buffer> => content(new MultipartPart(type, reader(Buffer.from(body))));
  await expect(read()).rejects.toThrow(MalformedFormError);
});
