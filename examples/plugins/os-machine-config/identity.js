import { createPrivateKey } from 'node:crypto';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The 32 bytes of an Ed25519 public key in OpenSSH's one-line form; undefined for another kind of key. */
export function rawPublicKey(line) {
  const [type, body = ''] = line.split(' ');
  return type === 'ssh-ed25519' ? Buffer.from(body, 'base64').subarray(-32) : undefined;
}

/** The Ed25519 key among the keys of an installation: the node proves with it which one it is. */
export function identityOf(hostKeys) {
  const pair = hostKeys.find(({ type }) => type === 'ed25519');
  const publicKey = rawPublicKey(pair.publicKey);
  const blob = Buffer.from(pair.privateKey.reveal().replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const at = blob.lastIndexOf(publicKey); // the private half is kept as seed and public key
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8, blob.subarray(at - 32, at)]),
    format: 'der',
    type: 'pkcs8',
  });
  return { publicKey, privateKey };
}
