import { describe, expect, it } from 'vitest';
import { ProcessLocalRuntime } from './process-local-runtime.js';

const runtime = new ProcessLocalRuntime();
const node = (script: string, ...args: string[]): string[] => [process.execPath, '-e', script, ...args];

describe('ProcessLocalRuntime', () => {
  it('runs a program with arguments, input and environment, without a shell', async () => {
    const script = `process.stdin.pipe(process.stdout); process.stdout.write(process.argv[1] + process.env.WORD + ':')`;
    const result = await runtime.run(node(script, '$HOME && x'), { input: 'in', env: { WORD: 'w' } });
    expect(result).toEqual({ exitCode: 0, stdout: '$HOME && xw:in', stderr: '' });
  });

  it('says how a program failed, with its last lines', async () => {
    const script = `for (let i = 0; i < 50; i++) console.error('line ' + i); process.exitCode = 4`;
    await expect(runtime.run(node(script))).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringMatching(/exit code 4:\n(line \d+\n)*line 49$/) as string,
      details: { exitCode: 4 },
    });
    expect((await runtime.run(node(script), { allowFailure: true })).exitCode).toBe(4);
  });

  it('names a program that is not there, and refuses an empty command', async () => {
    await expect(runtime.run(['turingpi-no-such-program'])).rejects.toMatchObject({
      code: 'COMMAND_NOT_FOUND',
    });
    await expect(runtime.run([])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });

  it('ends a program that takes too long, and passes an abort through', async () => {
    const forever = node('setInterval(() => {}, 1000); console.log("up")');
    await expect(runtime.run(forever, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    const reason = new Error('enough');
    const controller = new AbortController();
    const running = runtime.run(forever, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(running).rejects.toBe(reason);
    await expect(runtime.run(forever, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('keeps only the end of too much output', async () => {
    const result = await runtime.run(node(`process.stdout.write('x'.repeat(1e6) + 'end')`), {
      maxOutputBytes: 10,
    });
    expect(result.stdout).toBe('xxxxxxxend');
  });
});
