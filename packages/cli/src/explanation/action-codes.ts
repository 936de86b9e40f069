import type { ExplainedFamily } from './explanation.js';

/** What actions after the installation end in: `packages/provisioning` and `packages/linux`. */
export const ACTION_CODES: ExplainedFamily = {
  title: 'actions',
  codes: {
    NODE_FILE_MISSING: { means: 'a file that is to be edited is not there', cure: '`create: true` makes it' },
    NODE_FILE_UNREADABLE: {
      means: 'the node does not tell what is at a path',
      cure: 'it needs `stat` of GNU coreutils or of busybox, and rights to the path',
    },
    NODE_PATH_TAKEN: {
      means: 'something else is where a link or a directory is to be',
      cure: 'remove it first, or `force: true` for a link in place of a file',
    },
    TEMPLATE_INVALID: {
      means: 'a template cannot be filled in: its syntax, or a name without a value',
      cure: 'give `values`, or use the filter `default`',
    },
    WAIT_TIMEOUT: {
      means: 'what was waited for did not come in time',
      cure: 'the message has what was seen last; `timeoutMs` waits longer',
    },
    ACCOUNTS_UNREADABLE: {
      means: 'the node does not tell its accounts',
      cure: 'it needs `getent`, or a readable /etc/passwd',
    },
    USER_NOT_FOUND: { means: 'there is no such user on the node', cure: 'make it with the action `user`' },
    HOME_UNSAFE: {
      means: '`~/.ssh` or `authorized_keys` of the user is a symbolic link',
      cure: 'replace the link by what it leads to',
    },
    SUDOERS_INVALID: {
      means: 'visudo refuses the rules; nothing was written',
      cure: 'the hint has what visudo says',
    },
    SYSCTL_UNKNOWN: {
      means: 'the kernel has no such parameter',
      cure: 'check the spelling; load the module that brings it',
    },
    MOUNT_TAKEN: { means: 'something else is mounted at the path', cure: 'unmount it first' },
    DISK_NOT_EMPTY: {
      means: 'the disk that is to be formatted has something on it; it is as it was',
      cure: '`wipefs --all` on the node, by you',
    },
    DISK_UNREADABLE: {
      means: 'the disk that is to be formatted cannot be looked at; it is as it was',
      cure: 'check its path, and the rights of the user',
    },
  },
};
