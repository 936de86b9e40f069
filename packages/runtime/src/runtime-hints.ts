import type { RuntimeErrorCode } from './runtime-error-code.js';

const BY_HAND = 'Try by hand with `ssh`, and look at what the node shows on its console.';

/** What to do about an error of each code, where the place that throws it knows nothing better. */
export const RUNTIME_HINTS: Readonly<Record<RuntimeErrorCode, string>> = {
  COMMAND_FAILED: 'The message ends with what the command printed; run it there by hand to see all of it.',
  COMMAND_TIMEOUT: 'Give it more time (timeoutMs), or run it there by hand to see what it waits for.',
  COMMAND_STILL_RUNNING:
    'Log in and look whether it still runs (`ps`); end it by hand, or restart the node, before you go on.',
  COMMAND_NOT_FOUND: 'The program is not installed there, or not in the PATH.',
  COMMAND_INVALID: 'Give a program and its arguments as a list of texts, without NUL characters.',

  SSH_UNREACHABLE:
    'Check the address, that the node has power, and that it is on the network of this computer.',
  SSH_TIMEOUT: 'Check address and network; a node that is still starting may need longer.',
  SSH_PROTOCOL: `Is it the node that answers at this address? ${BY_HAND}`,
  SSH_CONNECTION_LOST: 'The node may have been restarted or powered off, or the network failed.',
  SSH_CHANNEL_REFUSED:
    'Look at MaxSessions in sshd_config of the node: 0 allows no commands at all, and 1 is enough.',
  SSH_HOST_KEY_MISMATCH:
    'Another machine may be using this address, the node may still run an older installation, or its first boot replaced the host keys.',
  SSH_HOST_KEY_UNKNOWN: 'Give the public host keys that were put into its image.',
  SSH_AUTH_REFUSED:
    'Check the user name, the key and the password; a first boot may still be making the user.',
  SSH_AUTH_MISSING: 'Give a private key, a password or an agent.',

  SSH_PASSWORD_EXPIRED:
    'Change it through the first-login dialogue, or prepare the image so that no change is forced.',
  SSH_PASSWORD_CHANGE_FAILED: BY_HAND,
  SSH_NO_SHELL:
    'Look at the login shell of this user in /etc/passwd (nologin?), and at ForceCommand and `command=` of its SSH server.',
  SSH_SUDO_MISSING: 'Install sudo in the image, or log in as root.',
  SSH_SUDO_NEEDS_TTY: 'Take `requiretty` out of the sudoers file of the node, or log in as root.',
  SSH_SUDO_REFUSED:
    'Configure the password of the login user, log in as root, or allow it sudo without a password.',

  SSH_FILE_NOT_FOUND:
    'Check the path on the node; a relative one starts from the home directory of the login user.',
  SSH_FILE_DENIED: 'The login user may not do this; as root it may work (sudo).',
  SSH_FILE_FAILED: 'Check that the disk of the node has space and is not mounted read-only.',
  LOCAL_FILE_UNREADABLE:
    'Check path and permissions on this computer; relative paths start from the working directory.',
  LOCAL_FILE_UNWRITABLE:
    'Check that its directory exists, that you may write there, and that the disk has space.',

  SSH_PUBLIC_KEY_INVALID:
    'A public key is one line such as "ssh-ed25519 AAAAC3Nz... name", from a file that ends in .pub.',
  SSH_PRIVATE_KEY_GIVEN: 'Give the line from the file that ends in .pub. Keep the private key to yourself.',
  SSH_PRIVATE_KEY_INVALID:
    'It must be an OpenSSH or PEM private key; an encrypted one needs the right passphrase.',

  DIALOGUE_TIMEOUT:
    'The message ends with what was said last: that prompt was not expected, or took too long.',
  DIALOGUE_ENDED:
    'The message ends with what was said last. Try again; a node that restarts ends its logins.',
  DIALOGUE_STUCK: 'The same answer was refused again and again: check user name and password.',
};
