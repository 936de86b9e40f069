import type { ExplainedFamily } from './explanation.js';

/** What is on record: `packages/core`. */
export const STATE_CODES: ExplainedFamily = {
  title: 'the state',
  codes: {
    STATE_UNREADABLE: {
      means: 'the state file, or a journal, is damaged or may not be read',
      cure: '`turingpi adopt` sets it aside and asks the nodes; or put back a copy',
    },
    STATE_UNREACHABLE: {
      means: 'the database that keeps the state does not answer, or lets nobody in',
      cure: 'see that it runs, and that address, user, password and certificate are right; what runs goes on while its leases hold',
    },
    STATE_UNSUPPORTED_VERSION: { means: 'a newer program wrote it', cure: 'upgrade' },
    STATE_WRITE_FAILED: { means: 'it cannot be written', cure: 'free space, and rights to its directory' },
    STATE_LOCKED: {
      means: 'another process has the file locked, or the lock was lost',
      cure: 'wait for the other run; when there is none, do what the hint says',
    },
    STATE_LEASE_HELD: { means: 'another run has the phase or the board', cure: 'wait for it, or stop it' },
    STATE_LEASE_LOST: {
      means: 'another run took it over, because this one gave no sign of life',
      cure: 'look at the other run',
    },
    STATE_NOT_EMPTY: { means: 'an import would replace records', cure: '`--replace` seals them first' },
    STATE_ARCHIVE_BOARDS: {
      means: 'an export is of other boards than the configuration has, or does not say of which of several',
      cure: '`--board NAME` says for which board, or takes only that one',
    },
    STATE_ARCHIVE_DAMAGED: { means: 'a file is no export, or not all of one', cure: 'copy it again' },
    STATE_ARCHIVE_PASSPHRASE: {
      means: 'another passphrase opens it',
      cure: 'give the one with which it was exported',
    },
    ARTIFACTS_UNREACHABLE: {
      means: 'the directory or server where computers share images cannot be used',
      cure: 'mount it, or see that it runs and lets this computer in; meanwhile images are made here',
    },
    ARTIFACT_DAMAGED: {
      means: 'a shared image is not what its digest says',
      cure: 'remove the file; the next run makes and shares it again',
    },
    ARTIFACT_SEALED: {
      means: 'a shared image was encrypted for other keys',
      cure: 'give the `key` of the computer that made it, or let that one list yours under `recipients`',
    },
    NODE_SECRETS_UNREADABLE: {
      means: "the file with the nodes' secrets is damaged, or not ours",
      cure: 'put back a copy; without one, move it away and do what the hint says',
    },
  },
};
