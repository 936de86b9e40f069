import type { ExplainedFamily } from './explanation.js';

/** Base images that are named by their address: `packages/image`. */
export const DOWNLOAD_CODES: ExplainedFamily = {
  title: 'downloads',
  codes: {
    IMAGE_DOWNLOAD_URL: {
      means: 'not an http or https address, or the digest is no SHA-256',
      cure: 'write `{ url, sha256 }` or `{ url, sha256Url }`',
    },
    IMAGE_DOWNLOAD_UNREACHABLE: {
      means: 'no connection, no such host, no network',
      cure: 'check address and network; behind a proxy set `HTTPS_PROXY`',
    },
    IMAGE_DOWNLOAD_UNTRUSTED: {
      means: 'the certificate of the server is not trusted',
      cure: 'check address and clock; `NODE_EXTRA_CA_CERTS` for a private authority',
    },
    IMAGE_DOWNLOAD_REFUSED: {
      means: 'the server answers with an error, such as 404',
      cure: 'check the URL; a login goes into it',
    },
    IMAGE_DOWNLOAD_REDIRECT: {
      means: 'it leads to another host with credentials, from https to http, or in a circle',
      cure: 'give the address where the download really is',
    },
    IMAGE_DOWNLOAD_NOT_AN_IMAGE: {
      means: 'a web page came',
      cure: 'copy the address of the download itself',
    },
    IMAGE_DOWNLOAD_TRUNCATED: {
      means: 'the connection always breaks at one place',
      cure: 'run again: what has come is kept',
    },
    IMAGE_DOWNLOAD_CHANGED: {
      means: 'the file changes while it is read',
      cure: 'run again when it is no longer being replaced',
    },
    IMAGE_DOWNLOAD_DIGEST: {
      means: 'the file is another one than the digest says; it was removed',
      cure: 'compare with the download page: replaced, damaged or tampered with',
    },
    IMAGE_DOWNLOAD_DIGEST_FILE: {
      means: 'the digest file has no line for the image',
      cure: 'give the digest itself as `sha256`',
    },
  },
};
