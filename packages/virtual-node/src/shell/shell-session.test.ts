import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseImagePath } from '../base-image/base-image-path.js';
import { NODE_COMMANDS } from '../command/node-commands.js';
import { FlashedDisk } from '../disk/flashed-disk.js';
import { type Identity, ROOT } from '../system/identity.js';
import { RunningSystem } from '../system/running-system.js';
import { WorkQueue } from '../system/work-queue.js';
import { parseScript } from './parse-script.js';
import { ShellSession } from './shell-session.js';
import { ShellSyntaxError } from './shell-word.js';
import { BufferedInput } from './standard-input.js';

const hasSh = existsSync('/bin/sh');
const somebody: Identity = {
  name: 'somebody',
  uid: 1000,
  gid: 1000,
  gids: new Set([1000]),
  home: '/tmp',
  shell: '/bin/sh',
};
let dir: string;
let disk: FlashedDisk;
let system: RunningSystem;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turingpi-shell-'));
  const emmc = join(dir, 'emmc');
  await writeFile(
    emmc,
    execFileSync('xz', ['-dc', baseImagePath('rk1-ubuntu.img.xz')], { maxBuffer: 1 << 30 }),
  );
  disk = await FlashedDisk.open(emmc);
  system = new RunningSystem({
    boardType: 'rk1',
    disk,
    queue: new WorkQueue(),
    signal: new AbortController().signal,
    cloudInit: { status: 'done', detail: 'test', commands: [] },
    addresses: [],
    activeUnits: new Set(),
    log: () => undefined,
    goDown: () => undefined,
  });
});

afterAll(async () => {
  await disk[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

async function run(
  script: string,
  { input = '', identity = ROOT }: { readonly input?: string; readonly identity?: Identity } = {},
): Promise<{ status: number; out: string; err: string }> {
  const shell = new ShellSession(system, identity, NODE_COMMANDS);
  let [out, err] = ['', ''];
  const status = await shell.run(script, {
    input: new BufferedInput(Buffer.from(input)),
    out: (data) => (out += Buffer.from(data as string).toString()),
    err: (data) => (err += Buffer.from(data as string).toString()),
  });
  return { status, out, err };
}

/** Scripts whose output must be that of a real shell. */
const SCRIPTS = [
  `echo a   b; echo 'a   b' "c  d" e\\ f`,
  `true && echo yes || echo no; false && echo yes || echo no`,
  `false; echo $?; ! false; echo $?; ! true; echo $?`,
  `x=1; y="$x 2"; echo $y "$y" \${z:-none} "\${x}0"`,
  `x='a b  c'; for w in $x; do echo "<$w>"; done; for w in "$x" d; do echo "<$w>"; done`,
  `sh -c 'for k; do echo "<$k>"; done; for k in; do echo never; done; for k\ndo echo $k; done' zero 'one two' three`,
  `n=0; until test $n -ge 3; do n=$((n + 1)); echo $n; done`,
  `n=0; while true; do n=$((n+1)); if [ $n -eq 2 ]; then continue; fi; [ $n -gt 4 ] && break; echo $n; done`,
  `if false; then echo a; elif true; then echo b; else echo c; fi`,
  `if test -z "" && [ -n x ] && [ a = a ] && [ a != b ]; then echo ok; fi`,
  `echo "$(echo inner | cat)" \`echo tick\`; echo $(printf 'a\\nb\\n')`,
  `printf '%s-%d\\n' a 1 b 2; printf '100%%\\n'`,
  `set -e; false || echo kept; if false; then :; fi; false; echo never`,
  `set -eu; true; (exit 3); echo never`,
  `trap 'echo bye $?' EXIT; echo hi; exit 4`,
  `sh -c 'echo $0 $1 "$@"' zero one 'two three'`,
  `echo err >&2; echo out 2>&1; { echo grouped; } | cat; (cd /; pwd); echo done # comment`,
  `echo a; \n\n echo b &&\n echo c`,
  `A=1 sh -c 'echo "$A"'; echo "[$A]"; export B=2; sh -c 'echo $B'; env C=3 sh -c 'echo $C'`,
  `echo one two | wc -w; printf 'x\\ny\\n' | grep -c y; printf 'b\\na\\n' | head -n 1`,
  `echo "dollar \\$HOME \\"quoted\\" back\\\\slash"; echo 'single '"'"' quote'`,
  `x=; echo "<\${x:-empty}>" <"/dev/null"; cat </dev/null; echo $((2 + 3 * (4 - 1) % 5))`,
  `no_such_program_here; echo $?`,
  `echo x | { cat; exit 7; }; echo $?`,
  `eval 'echo $((1+1))'; command -v no_such_program_here || echo absent`,
  `printf 'one \\ two\nthree\n' | { IFS= read -r a; echo "<$a>"; cat; read b || echo "none<$b>"; }`,
  `printf '%b|' 'a\\nb' 'c\\\\d'; eval "$(printf %b 'echo e\necho f\n')"; printf abcdef | head -c 3`,
  `echo unterminated 'quote`,
  `if true; then echo`,
  `echo a; )`,
];

describe('ShellSession', () => {
  it.skipIf(!hasSh && process.env['CI'] !== 'true')('does what a real sh does (needs /bin/sh)', async () => {
    const differences: unknown[] = [];
    for (const script of SCRIPTS) {
      const real = spawnSync('/bin/sh', ['-c', script], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin', HOME: '/root' },
        cwd: '/',
      });
      const { status, out } = await run(`cd /; ${script}`);
      // A shell that meets nonsense may have run the lines before it; ours reads everything first.
      const nonsense = real.status === 2 && real.stderr.includes('yntax error');
      const [ours, theirs] = [
        { status, out: nonsense ? '' : out },
        { status: real.status, out: nonsense ? '' : real.stdout },
      ];
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) differences.push({ script, ours, theirs });
    }
    expect(differences).toEqual([]);
  });

  it('says so when it cannot do what a real shell could', async () => {
    for (const script of [
      'f() { echo x; }',
      'case a in a) echo x;; esac',
      'cat <<EOF\nx\nEOF',
      'sleep 1 &',
      'echo ${HOME##*/}',
    ]) {
      const { status, err } = await run(script);
      expect({ script, status }).toEqual({ script, status: 2 });
      expect(err).toMatch(/not simulated/);
    }
    expect(await run('frobnicate --now')).toEqual({
      status: 127,
      out: '',
      err: 'sh: 1: frobnicate: not found\n',
    });
    expect((await run('/usr/bin/python3 -V')).status).toBe(0); // in this image it is an empty shell script
  });

  it('reads any text without failing in an unexpected way', () => {
    const pieces = fc.constantFrom(
      ...[
        'if',
        'then',
        'fi',
        'do',
        'done',
        'for',
        'in',
        '{',
        '}',
        '(',
        ')',
        '&&',
        '||',
        '|',
        ';',
        '\n',
        '>',
        '>>',
        '2>&1',
        '<',
      ],
      ...['$(', '`', '"', "'", '$', '${x', '}', '\\', '$((', 'echo', 'x=1', '!', '#', ' ', 'a'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 15 }), (words) => {
        try {
          parseScript(words.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(ShellSyntaxError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds files, and says of each what it is asked', async () => {
    await run(
      'mkdir -p /opt/found/b && echo x > /opt/found/b/f && chmod 600 /opt/found/b/f && ln -s b /opt/found/link',
    );
    const asked = await run(String.raw`find -H /opt/found /srv/nothing -printf '%p|%y|%m|%U|%s|%l\0'`);
    expect(asked).toMatchObject({ status: 1, err: expect.stringContaining('/srv/nothing') as string });
    expect(asked.out.split('\0')).toEqual([
      expect.stringMatching(/^\/opt\/found\|d\|755\|0\|\d+\|$/) as string,
      expect.stringMatching(/^\/opt\/found\/b\|d\|755\|0\|\d+\|$/) as string,
      '/opt/found/b/f|f|600|0|2|',
      '/opt/found/link|l|777|0|1|b',
      '',
    ]);
    expect((await run('find /opt/found/b')).out).toBe('/opt/found/b\n/opt/found/b/f\n');
    expect((await run('find /srv -delete')).status).toBe(1);
  });

  it('works on the files of the image with the rights of whoever runs it', async () => {
    expect(
      await run(
        'mkdir -p /srv/a/b && echo x > /srv/a/b/f && chmod 640 /srv/a/b/f && stat -c "%a %U" /srv/a/b/f',
      ),
    ).toMatchObject({
      out: '640 root\n',
    });
    expect(await run('cat /srv/a/b/f', { identity: somebody })).toMatchObject({
      status: 1,
      err: 'cat: /srv/a/b/f: Permission denied\n',
    });
    expect((await run('echo y > /srv/mine', { identity: somebody })).status).toBe(2);
    expect(await run('echo y > ~/mine; rm /tmp/mine; ls /tmp', { identity: somebody })).toMatchObject({
      status: 0,
      out: '',
    });
    expect(await run('touch /tmp/roots'));
    expect((await run('rm /tmp/roots', { identity: somebody })).err).toContain('Operation not permitted'); // sticky
    expect((await run('chown somebody /tmp/roots')).err).toContain('invalid user');
    expect(
      await run(
        'cp -r /srv/a /srv/c && mv /srv/c/b/f /srv/c/g && ln -s g /srv/c/l && cat /srv/c/l && rm -rf /srv/c && ls /srv',
      ),
    ).toMatchObject({
      out: 'x\na\n',
    });
    expect(await run('ls -l /bin/sh /nonexistent 2>&1')).toMatchObject({ status: 2 });
    expect(await run('tee -a /srv/log', { input: 'one\n' })).toMatchObject({ out: 'one\n' });
    expect(
      (await run('install -D -m 0700 -o root -g root /srv/log /opt/x/y && stat -c %a /opt/x/y')).out,
    ).toBe('700\n');
  });

  it('runs systemctl, sudo and apt on the image', async () => {
    const unit =
      '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\nAlias=other.service\\n';
    expect(
      (await run(`printf '${unit}' > /etc/systemd/system/mine.service; systemctl is-enabled mine`)).out,
    ).toBe('disabled\n');
    expect((await run('systemctl enable mine; readlink /etc/systemd/system/other.service')).out).toBe(
      '/etc/systemd/system/mine.service\n',
    );
    expect(
      await run('systemctl is-enabled mine && systemctl disable mine; systemctl is-enabled mine'),
    ).toMatchObject({ out: 'enabled\ndisabled\n', status: 1 });
    expect((await run('systemctl enable nothing-there')).status).not.toBe(0);
    expect((await run('systemctl enable mine', { identity: somebody })).status).toBe(1);
    expect(await run('sudo -n id -u', { identity: somebody })).toMatchObject({ status: 1, out: '' });
    await run("echo 'somebody ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/somebody");
    expect(await run('sudo -n id -u', { identity: somebody })).toMatchObject({ status: 0, out: '0\n' });
    expect((await run('apt-get install -y htop', { identity: somebody })).status).toBe(100);
    expect(
      (
        await run(
          "apt-get -o X=1 install -y htop >/dev/null && dpkg-query -W -f '${db:Status-Abbrev}\\t${Package}\\n' htop",
        )
      ).out,
    ).toBe('ii \thtop\n');
  });

  it('makes users and groups in the account files, and says what is there already', async () => {
    expect(
      await run('groupadd --system -- daemons && useradd --create-home --groups daemons -- app'),
    ).toMatchObject({
      status: 0,
      err: '',
    });
    expect((await run('id -nG app; test -d /home/app && getent group daemons')).out).toMatch(
      /^app daemons\ndaemons:x:1\d\d:app\n$/,
    );
    expect(await run('useradd -- app')).toMatchObject({
      status: 9,
      err: "useradd: user 'app' already exists\n",
    });
    expect(
      await run('userdel -- app && groupdel -- daemons; getent passwd app || getent group daemons'),
    ).toMatchObject({
      status: 2,
      out: '',
    });
    expect(await run('groupadd x', { identity: somebody })).toMatchObject({ status: 1 });
  });
});
