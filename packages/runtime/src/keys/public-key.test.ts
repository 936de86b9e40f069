import { describe, expect, it } from 'vitest';
import { generateHostKeys } from './generate-host-keys.js';
import { parsePublicKey } from './public-key.js';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

describe('parsePublicKey', () => {
  it('takes a line apart and knows its fingerprint', () => {
    // GitHub's published Ed25519 host key and its published fingerprint.
    expect(parsePublicKey(`  ${ED25519} someone at home \n`)).toMatchObject({
      type: 'ssh-ed25519',
      comment: 'someone at home',
      fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
      identity: ED25519,
    });
  });

  it.each([
    ['from="10.0.0.0/8",no-agent-forwarding', 'me'],
    ['command="echo \\"a b\\", c" ,restrict'.replace(' ,', ','), 'a comment of words'],
    ['restrict', ''],
    ['cert-authority,principals="a,b"', 'ca'],
  ])('takes the options %s off, which are no part of what is compared', (options, comment) => {
    expect(parsePublicKey(`${options} ${ED25519} ${comment}`)).toMatchObject({ options, identity: ED25519 });
    expect(parsePublicKey(ED25519).options).toBeUndefined();
  });

  it('recognises a private key without showing it', async () => {
    const [pair] = await generateHostKeys(['ed25519']);
    const given = pair!.privateKey.reveal();
    const body = given.split('\n')[2]!;
    expect(() => parsePublicKey(given)).toThrow(
      expect.objectContaining({
        code: 'SSH_PRIVATE_KEY_GIVEN',
        message: expect.not.stringContaining(body) as string,
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['words', 'hello world'],
    ['a type alone', 'ssh-ed25519'],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3MAAACBAJ'],
    ['a key cut off', ED25519.slice(0, -8)],
    ['a key cut off to a whole base64 group', ED25519.slice(0, 40)],
    ['a type that is not what is inside', ED25519.replace('ssh-ed25519 ', 'ssh-rsa ')],
    ['not base64', 'ssh-ed25519 AAAA***'],
    ['two lines', `${ED25519}\n${ED25519}`],
    ['an option that there is not', `fro="10.0.0.0/8" ${ED25519}`],
    ['an option whose value has no quotes', `from=10.0.0.0/8 ${ED25519}`],
    ['a quote that is not closed', `from="10.0.0.0/8 ${ED25519}`],
    ['a path', '~/.ssh/id_ed25519.pub'],
    [
      'a key in the form of PuTTY',
      `---- BEGIN SSH2 PUBLIC KEY ----\n${ED25519.split(' ')[1]!}\n---- END SSH2 PUBLIC KEY ----`,
    ],
  ])('refuses %s', (_what, line) => {
    expect(() => parsePublicKey(line)).toThrow(expect.objectContaining({ code: 'SSH_PUBLIC_KEY_INVALID' }));
  });
});
