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
    [411, '{"response":[{"result":"Invalid `length` query parameter"}]}', 'BMC_REQUEST_REFUSED'],
    [403, '{"response":[{"result":"the current password is wrong"}]}', 'BMC_PASSWORD_REFUSED'],
    [
      400,
      '{"response":[{"result":"the new password is too short: at least 12 characters"}]}',
      'BMC_PASSWORD_REFUSED',
    ],
    [
      409,
      '{"response":[{"result":"v2.41.0 is already staged for the next boot; reboot to take it, or pass force=1 to replace it"}]}',
      'BMC_FIRMWARE_STAGED',
    ],
    [404, 'can not parse "abc" to a u32', 'BMC_NOT_SUPPORTED'],
    [302, '', 'BMC_PROTOCOL'],
  ])('status %i with %s is %s', (status, body, code) => {
    expect(replyError(reply(status, body), 'it').code).toBe(code);
  });

  const problem = (status: number, title: string, detail: string) =>
    reply(status, JSON.stringify({ detail, status, title, type: 'about:blank' }), 'application/problem+json');

  test('the password of the factory is known by its title, other refusals by their detail', () => {
    const gate = problem(403, 'This board is still using its factory password', 'This board is still …');
    expect(replyError(gate, 'about').code).toBe('BMC_FACTORY_PASSWORD');
    const refusal = replyError(problem(400, 'Bad Request', 'Missing `node` parameter'), 'reset');
    expect(refusal).toMatchObject({
      code: 'BMC_REQUEST_REFUSED',
      details: { text: 'Missing `node` parameter' },
    });
    expect(replyError(problem(403, 'Forbidden', 'a client CA is pinned'), 'it').code).toBe(
      'BMC_REQUEST_REFUSED',
    );
    expect(replyError(reply(403, 'no JSON', 'application/problem+json'), 'it').code).toBe(
      'BMC_REQUEST_REFUSED',
    );
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
