import { expect, it } from 'vitest';
import { foreignRequest } from './foreign-request.js';

const refused = (host: string, port: number) =>
  foreignRequest({ method: 'POST', headers: { host, origin: `http://${host}` } }, port);

it('the usual port of HTTP is not in what a browser sends', () => {
  expect(refused('127.0.0.1', 80)).toBeUndefined();
  expect(refused('localhost', 80)).toBeUndefined();
  expect(refused('127.0.0.1:80', 80)).toBeUndefined();
  expect(refused('127.0.0.1', 8080)).toBeDefined();
  expect(refused('evil.example', 80)).toBeDefined();
});
