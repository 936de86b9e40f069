import type { ExplainedFamily } from './explanation.js';

/** Commands here and on nodes, and logins: `packages/runtime`. */
export const COMMAND_CODES: ExplainedFamily = {
  title: 'commands and logins',
  codes: {
    SSH_UNREACHABLE: {
      means: 'nothing answers at the address of the node',
      cure: 'check address, power and network',
    },
    SSH_TIMEOUT: {
      means: 'the node does not answer in time',
      cure: 'check address and network; one that still starts needs longer',
    },
    SSH_PROTOCOL: {
      means: 'what answers does not speak SSH as it must',
      cure: 'is it the node that has this address? Try `ssh` by hand',
    },
    SSH_CONNECTION_LOST: {
      means: 'the connection to the node broke',
      cure: 'it may have been restarted or lost power: run again',
    },
    SSH_HOST_KEY_MISMATCH: {
      means: 'another machine or installation answers than the one whose key is known',
      cure: 'is the address right, and taken once? An old installation is replaced with `turingpi reinstall`',
    },
    SSH_HOST_KEY_UNKNOWN: {
      means: 'nothing is known to compare the host key with',
      cure: 'give the public host keys of its image, or `turingpi adopt` it',
    },
    SSH_AUTH_REFUSED: {
      means: 'the node refuses the login',
      cure: 'check user, key and password; a first boot may still be making the user',
    },
    SSH_AUTH_MISSING: {
      means: 'there is nothing to log in with',
      cure: 'give a private key, a password or an agent, as `ssh` in the configuration',
    },
    SSH_PASSWORD_EXPIRED: {
      means: 'the password must be changed before anything else',
      cure: 'use `install.firstLogin`, or an image in which no change is forced',
    },
    SSH_PASSWORD_CHANGE_FAILED: {
      means: 'the node did not take the new password',
      cure: 'try by hand with `ssh`, and take a longer or less common one',
    },
    SSH_NO_SHELL: {
      means: 'the user is let in, but runs no commands; the message has what was said',
      cure: 'look at the login shell in /etc/passwd, and at ForceCommand',
    },
    SSH_CHANNEL_REFUSED: {
      means: 'the user is let in, but the server opens no channel',
      cure: 'raise MaxSessions in sshd_config of the node: 1 is enough',
    },
    SSH_SUDO_REFUSED: {
      means: 'sudo refuses',
      cure: 'give the password of the user, log in as root, or allow it sudo without a password',
    },
    SSH_SUDO_MISSING: { means: 'sudo is not installed', cure: 'install it in the image, or log in as root' },
    SSH_SUDO_NEEDS_TTY: {
      means: 'sudo has `requiretty`',
      cure: 'take it out of the sudoers file, or log in as root',
    },
    SSH_FILE_NOT_FOUND: { means: 'there is no such file on the node', cure: 'check the path' },
    SSH_FILE_DENIED: { means: 'the login user may not have that file', cure: 'do it as root (`sudo`)' },
    SSH_FILE_FAILED: {
      means: 'the node could not read or write the file',
      cure: 'check that its disk has space and is not mounted read-only',
    },
    SSH_PUBLIC_KEY_INVALID: {
      means: 'a public key is none',
      cure: 'give one line such as `ssh-ed25519 AAAA… name`, from a file that ends in .pub',
    },
    SSH_PRIVATE_KEY_GIVEN: {
      means: 'a private key is where the public one belongs',
      cure: 'give the line from the file that ends in .pub',
    },
    SSH_PRIVATE_KEY_INVALID: {
      means: 'a private key cannot be read, or the passphrase is wrong',
      cure: 'give an OpenSSH or PEM key, with its passphrase',
    },
    LOCAL_FILE_NOT_FOUND: {
      means: 'a file of this computer that is to be copied is not there',
      cure: 'check the path; the hint says where relative paths start',
    },
    LOCAL_FILE_UNREADABLE: {
      means: 'a file of this computer cannot be read',
      cure: 'check path and permissions',
    },
    LOCAL_FILE_UNWRITABLE: {
      means: 'a file of this computer cannot be written',
      cure: 'check that its folder exists, may be written and has space',
    },
    FOLDER_UNREADABLE: {
      means: 'a folder cannot be fetched from a node',
      cure: 'it needs tar, gzip and base64 there, and takes up to 256 MiB',
    },
    COMMAND_FAILED: {
      means: 'a command ended with another exit code than 0; the message has what it printed last',
      cure: 'run it there by hand to see all of it',
    },
    COMMAND_NOT_FOUND: { means: 'there is no such program there', cure: 'install it, or give its path' },
    COMMAND_INVALID: {
      means: 'a command cannot be sent',
      cure: 'give a program and its arguments as a list of texts without NUL',
    },
    COMMAND_TIMEOUT: {
      means: 'its time was over; it was ended, and nothing of it runs any more',
      cure: 'give it more time (`timeoutMs`), or see by hand what it waits for',
    },
    COMMAND_STILL_RUNNING: {
      means: 'it was to be ended, after a timeout or a stop, and that could not be done',
      cure: 'log in, look with `ps`, and end it by hand or restart the node',
    },
    DIALOGUE_TIMEOUT: {
      means: 'a login or a change of password waited for a prompt that did not come',
      cure: 'the message ends with what was said last',
    },
    DIALOGUE_ENDED: { means: 'a login ended before it was done', cure: 'try again; a restart ends logins' },
    DIALOGUE_STUCK: {
      means: 'the same answer was refused again and again',
      cure: 'check user name and password',
    },
  },
};
