import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bareJsonOf, envelopeOf, expectEmpty, printable, replyError, resultOf } from './reply.js';

const reply = (status: number, body: string, type = 'application/json') => ({
  status,
  headers: { 'content-type': type },
  body,
});

describe('replies of the BMC', () => {
  test('an envelope gives its result; unknown fields beside it pass', () => {
    expect(
      resultOf(reply(200, '{"response":[{"result":"ok","new":1}],"x":2}'), z.literal('ok'), 'power'),
    ).toBe('ok');
    expect(envelopeOf(reply(200, '{"response":[{"uart":"text"}]}'), 'console').uart).toBe('text');
  });

  test('bare JSON served as plain text is read', () => {
    const text = reply(200, '{"handle":7}', 'text/plain; charset=utf-8');
    expect(bareJsonOf(text, z.object({ handle: z.number() }), 'flash')).toEqual({ handle: 7 });
  });

  test.each([
    [400, '{"response":[{"result":"Missing `mode` parameter"}]}', 'BMC_REQUEST_REFUSED'],
    [400, '{"response":[{"result":"Invalid `type` parameter about"}]}', 'BMC_NOT_SUPPORTED'],
    [500, '{"response":[{"result":"Failed to set power state: x"}]}', 'BMC_INTERNAL_ERROR'],
    [500, 'Multipart form invalid', 'BMC_FLASH_FORM_REFUSED'],
    [501, '{"response":[{"result":"microSD card formatting is not implemented"}]}', 'BMC_SDCARD_UNAVAILABLE'],
    [405, '', 'BMC_NOT_SUPPORTED'],
    [404, 'can not parse "abc" to a u32', 'BMC_NOT_SUPPORTED'],
    [302, '', 'BMC_PROTOCOL'],
  ])('status %i with %s is %s', (status, body, code) => {
    expect(replyError(reply(status, body), 'it').code).toBe(code);
  });

  test.each([
    ['<!doctype html><title>BMC</title>', 'BMC_NOT_SUPPORTED'],
    ['', 'BMC_PROTOCOL'],
    ['{"response":[]}', 'BMC_PROTOCOL'],
    ['{"response":"x"}', 'BMC_PROTOCOL'],
    ['{"response":[{"result":"not ok"}]}', 'BMC_PROTOCOL'],
    ['{"response":[{"resu', 'BMC_PROTOCOL'],
  ])('status 200 with %j is %s', (body, code) => {
    expect(() => resultOf(reply(200, body), z.literal('ok'), 'power')).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('an upload that is answered with content is not taken for accepted', () => {
    expectEmpty(reply(200, ''), 'upload');
    expect(() => expectEmpty(reply(200, '<html>'), 'upload')).toThrow(
      expect.objectContaining({ code: 'BMC_PROTOCOL' }),
    );
  });

  test('texts of the BMC cannot write control sequences into messages, nor flood them', () => {
    expect(printable('a\u001b[31mb\r\nc\0d')).toBe('a [31mb c d');
    expect(printable('x'.repeat(10_000)).length).toBeLessThan(320);
  });
});
