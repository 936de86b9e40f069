import { createHash, sign } from 'node:crypto';

const ED25519 = Buffer.from('300506032b6570', 'hex');

/** The certificate of an Ed25519 key, PEM. Equal keys give equal bytes: nobody looks at its dates, the key is compared. */
export function selfSignedCertificate({ publicKey, privateKey }, name) {
  const subject = sequence(set(sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(name)))));
  const dates = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x18, Buffer.from('20991231235959Z')));
  const serial = createHash('sha256').update(publicKey).digest().subarray(0, 8);
  serial[0] = (serial[0] & 0x3f) | 0x40;
  const keyInfo = sequence(ED25519, bits(publicKey));
  const version = Buffer.from('a003020102', 'hex');
  const body = sequence(version, der(0x02, serial), ED25519, subject, dates, subject, keyInfo);
  const certificate = sequence(body, ED25519, bits(sign(null, body, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const sequence = (...parts) => der(0x30, Buffer.concat(parts));
const set = (...parts) => der(0x31, Buffer.concat(parts));
const bits = (content) => der(0x03, Buffer.concat([Buffer.of(0), content]));

function der(tag, content) {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}
