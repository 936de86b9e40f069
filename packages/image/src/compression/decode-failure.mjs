// Why a decoder stopped. The thread that started it makes an error of ours of it: see decode-in-worker.ts.

/** The data are damaged. */
export class Corrupt extends Error {
  kind = 'corrupt';
}

/** The data are sound, and beyond what this decoder does. */
export class Unsupported extends Error {
  kind = 'unsupported';
}

/** The file became shorter while it was read. */
export class Changed extends Error {
  kind = 'changed';
}
