export { derBoolean, derNull, derObjectIdentifier, derSequence } from './certificate/der.js';
export {
  type CertificateContent,
  type CertificateKeys,
  createEllipticKeys,
  ECDSA_WITH_SHA256,
  extension,
  serverExtensions,
  signCertificate,
  type SignedCertificate,
} from './certificate/sign-certificate.js';
