import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from './connect-ssh.js';
import { OpenSshLab } from './openssh.fixture.js';
import type { SshSession } from './ssh-session.js';

const required = process.env['CI'] === 'true';
/** `STRESS=full` (npm run full): as much as the promise says; else enough to see that it grows with nothing. */
const full = process.env['STRESS'] === 'full';
const MEGABYTE = 1024 * 1024;
const COMMANDS = full ? 10_000 : 300;
const COPIED_BYTES = full ? 1024 * MEGABYTE : 24 * MEGABYTE;
const OUTPUT_BYTES = full ? 100 * MEGABYTE : 24 * MEGABYTE;
const KEPT_BYTES = MEGABYTE;
const PASSWORD = 'pass-word-9';
const TEN_MINUTES_MS = 600_000;

/** Memory that is in use after a collection, where the runner lets us collect; else as it is. */
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe.skipIf(OpenSshLab.missing.length > 0 && !required)(
  `much, and cut off (needs ${OpenSshLab.needs})`,
  () => {
    let lab: OpenSshLab;
    let session: SshSession;
    const { signal } = new AbortController();
    const home = (...names: string[]): string => join(lab.dir, 'home/tpi-stress', ...names);
    const connect = (): Promise<SshSession> =>
      connectSsh({ ...lab.withPassword('tpi-stress', PASSWORD) }, { signal });

    beforeAll(async () => {
      lab = await OpenSshLab.start({
        users: [{ name: 'tpi-stress', uid: 4501, password: PASSWORD }],
        sudoers: ['tpi-stress ALL=(ALL) ALL', 'Defaults timestamp_timeout=0'],
      });
      session = await connect();
    });
    afterAll(async () => {
      await session[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    it(
      `runs ${COMMANDS} commands, every fourth through sudo with a password, and each takes effect once`,
      async () => {
        const file = home('counted');
        for (let count = 0; count < COMMANDS; count += 1) {
          const sudo = count % 4 === 3;
          const { stdout } = await session.exec(`echo ${count} >>${file}; id -u`, { sudo });
          if (stdout !== (sudo ? '0\n' : '4501\n')) expect(stdout).toBe('of the user who was asked for');
        }
        const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
        expect(lines).toEqual(Array.from({ length: COMMANDS }, (_, count) => String(count)));
      },
      TEN_MINUTES_MS,
    );

    it(
      `copies ${COPIED_BYTES / MEGABYTE} MiB there and back`,
      async () => {
        const [source, back] = [join(lab.dir, 'source'), join(lab.dir, 'back')];
        const [hash, piece] = [createHash('sha256'), randomBytes(MEGABYTE)];
        const local = await open(source, 'w');
        for (let written = 0; written < COPIED_BYTES; written += MEGABYTE) {
          piece.writeUInt32LE(written / MEGABYTE);
          hash.update(piece);
          await local.write(piece);
        }
        await local.close();
        const digest = hash.digest('hex');
        await session.upload(source, home('copied'), { mode: 0o600 });
        await session.download(home('copied'), back);
        const sums = execFileSync('sha256sum', [home('copied'), back], { encoding: 'utf8' });
        expect(sums.split('\n').map((line) => line.slice(0, 64))).toEqual([digest, digest, '']);
      },
      TEN_MINUTES_MS,
    );

    it(
      `keeps the end of ${OUTPUT_BYTES / MEGABYTE} MiB of output, and no more in memory`,
      async () => {
        const before = usedBytes();
        let [told, most] = [0, 0];
        const result = await session.exec(`head -c ${OUTPUT_BYTES} /dev/zero | tr '\\0' x; printf end`, {
          maxOutputBytes: KEPT_BYTES,
          onOutput: (text) => {
            told += text.length;
            most = Math.max(most, usedBytes() - before);
          },
        });
        expect(told).toBe(OUTPUT_BYTES + 'end'.length);
        expect(result.truncated).toBe(true);
        expect(result.stdout).toHaveLength(KEPT_BYTES);
        expect(result.stdout.endsWith('xxend')).toBe(true);
        // What was read and is not yet collected is among it; it does not grow with the output.
        expect(most).toBeLessThan(96 * MEGABYTE);
      },
      TEN_MINUTES_MS,
    );

    describe.skipIf(!hasFirewall())('when a firewall cuts the connection', () => {
      it('says so in the middle of a command, which ends when the node notices, and the next connection works', async () => {
        const cut = await connect();
        await cut.exec(['true']);
        let isCut = false;
        // A node notices when it sends something; until then a command that is silent runs on there.
        const running = cut.exec(['sh', '-c', 'while echo on; do sleep 0.1; done', 'tpi-98765431'], {
          onOutput: () => {
            if (!isCut) firewall('-I');
            isCut = true;
          },
        });
        try {
          await expect(running).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
        } finally {
          firewall('-D');
        }
        await using again = await connect();
        const gone = again.exec('while pgrep -f tpi-98765431; do sleep 0.1; done', { timeoutMs: 20_000 });
        expect((await gone).exitCode).toBe(0);
      });

      it('leaves a file as it was in the middle of a copy, and a directory complete after another try', async () => {
        const tree = join(lab.dir, 'tree');
        await mkdir(tree);
        for (let index = 0; index < 40; index += 1)
          await writeFile(join(tree, `file-${index}`), randomBytes(200_000 + index));
        await session.writeFile(home('kept'), 'as it was');
        const large = join(lab.dir, 'large');
        await writeFile(large, randomBytes(16 * MEGABYTE));
        for (const copy of [
          (over: SshSession, onProgress: () => void) => over.upload(large, home('kept'), { onProgress }),
          (over: SshSession, onProgress: () => void) =>
            over.copyDirectory(tree, home('tree'), { onProgress }),
        ]) {
          const cut = await connect();
          let isCut = false;
          const copying = copy(cut, () => {
            if (!isCut) firewall('-I');
            isCut = true;
          });
          try {
            await expect(copying).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
          } finally {
            firewall('-D');
          }
        }
        expect(await readFile(home('kept'), 'utf8')).toBe('as it was');
        await using again = await connect();
        await again.copyDirectory(tree, home('tree'));
        execFileSync('diff', ['-r', tree, home('tree')]);
      });
    });

    /** Refuses what comes for the server, and for nobody else. */
    function firewall(change: '-I' | '-D'): void {
      execFileSync('iptables', [
        ...['-w', change, 'INPUT', '-p', 'tcp', '-d', '127.0.0.1', '--dport', String(lab.port)],
        ...['-j', 'REJECT', '--reject-with', 'tcp-reset'],
      ]);
    }
  },
);

function hasFirewall(): boolean {
  try {
    execFileSync('iptables', ['-w', '-L', 'INPUT', '-n'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}
