import { Secret } from '@turingpi/foundation';
import { describe, expect, it } from 'vitest';
import { changePasswordOnConsole } from './change-password-on-console.js';
import { ConsoleChannel } from './console-channel.js';
import type { FirstLogin } from '@turingpi/provisioning';

const login: FirstLogin = {
  username: 'ubuntu',
  shippedPassword: new Secret('shipped-one'),
  newPassword: new Secret('another-one'),
  newPasswordFrom: undefined,
  sshKeys: [],
  over: undefined,
};

interface Scene {
  /** Printed at first. */
  readonly begins: string;
  /** Line by line: what must be typed, and what the node prints then; nothing ends the console. */
  readonly goesOn: readonly (readonly [typed: string, printed: string | undefined])[];
}

/** Plays a node's part at a console; @returns what was typed that the scene did not foresee. */
function play({ begins, goesOn }: Scene) {
  const typed: string[] = [];
  const rest = [...goesOn];
  const channel: ConsoleChannel = new ConsoleChannel((line) => {
    typed.push(line);
    const [expected, printed] = rest[0] ?? [];
    if (line !== expected) return Promise.resolve();
    rest.shift();
    if (printed === undefined) channel.end();
    else channel.hear(`${/password/i.test(begins) ? '' : line}\r\n${printed}`);
    return Promise.resolve();
  });
  channel.hear(begins);
  return { typed, channel };
}

const change = (channel: ConsoleChannel, nudge = false) =>
  changePasswordOnConsole(channel, login, { place: 'the serial console of node1', nudge, timeoutMs: 2_000 });

const LOGIN = 'Ubuntu 22.04.4 LTS node1 ttyS9\r\n\r\nnode1 login: ';
const ASKED: Scene['goesOn'] = [
  ['ubuntu', 'Password: '],
  ['shipped-one', 'You are required to change your password immediately.\r\nCurrent password: '],
  ['shipped-one', 'New password: '],
  ['another-one', 'Retype new password: '],
];

describe('changePasswordOnConsole', () => {
  const scenes: [string, Scene][] = [
    [
      'login(1), which goes on to a shell',
      {
        begins: LOGIN,
        goesOn: [...ASKED, ['another-one', 'Last login: Mon Jan  1 on ttyS9\r\nubuntu@node1:~$ ']],
      },
    ],
    [
      'passwd, which says that it is done',
      { begins: LOGIN, goesOn: [...ASKED, ['another-one', 'passwd: password updated successfully\r\n']] },
    ],
    [
      'a system that asks for the name again afterwards',
      { begins: LOGIN, goesOn: [...ASKED, ['another-one', '\r\nnode1 login: ']] },
    ],
    [
      'a prompt that a message of the kernel has covered',
      {
        begins: `${LOGIN}[   31.204311] eth0: link becomes ready\r\n`,
        goesOn: [['', LOGIN], ...ASKED, ['another-one', 'ubuntu@node1:~$ ']],
      },
    ],
    [
      'a login that nobody asks to change its password',
      {
        begins: LOGIN,
        goesOn: [
          ['ubuntu', 'Password: '],
          ['shipped-one', 'Welcome\r\nubuntu@node1:~$ '],
          ['passwd', 'Changing password for ubuntu.\r\nCurrent password: '],
          ['shipped-one', 'New password: '],
          ['another-one', 'Retype new password: '],
          ['another-one', 'passwd: password updated successfully\r\nubuntu@node1:~$ '],
        ],
      },
    ],
    [
      "Armbian's wizard, which logs root in by itself",
      {
        begins: 'Welcome to Armbian!\r\n\r\nCreate root password: ',
        goesOn: [
          ['another-one', 'Repeat root password: '],
          ['another-one', 'Choose default system command shell:\r\n1) bash\r\n2) zsh\r\n'],
        ],
      },
    ],
  ];
  it.each(scenes)('manages %s', async (_name, scene) => {
    const { typed, channel } = play(scene);
    await change(channel);
    const wizard = scene.begins.includes('Armbian');
    expect(typed).toEqual([...scene.goesOn.map(([line]) => line), ...(wizard ? ['\u0003'] : []), 'exit']);
  });

  it('asks for the prompt where it was printed long ago', async () => {
    const { typed, channel } = play({
      begins: '',
      goesOn: [['', LOGIN], ...ASKED, ['another-one', 'ubuntu@node1:~$ ']],
    });
    await change(channel, true);
    expect(typed[0]).toBe('');
  });

  const failures: [string, Scene, RegExp][] = [
    [
      'another shipped login',
      {
        begins: LOGIN,
        goesOn: [
          ['ubuntu', 'Password: '],
          ['shipped-one', '\r\nLogin incorrect\r\n'],
        ],
      },
      /refuses the first login \(login-incorrect\)/,
    ],
    [
      'a new password that the node does not like',
      {
        begins: LOGIN,
        goesOn: [...ASKED.slice(0, 3), ['another-one', 'BAD PASSWORD: it is based on a dictionary word\r\n']],
      },
      /refuses the first login \(refused\)/,
    ],
    [
      'a console that ends',
      {
        begins: LOGIN,
        goesOn: [
          ['ubuntu', 'Password: '],
          ['shipped-one', undefined],
        ],
      },
      /ended before it was finished/,
    ],
  ];
  it.each(failures)('names %s, and no password', async (_name, scene, message) => {
    const failure = change(play(scene).channel);
    await expect(failure).rejects.toMatchObject({
      code: 'FIRST_LOGIN_FAILED',
      message: expect.stringMatching(message) as string,
    });
    await expect(failure).rejects.toMatchObject({
      message: expect.not.stringMatching(/shipped-one|another-one/) as string,
    });
  });
});
