import type { ExplainedFamily } from './explanation.js';

/** What is asked of a node, whatever its system, and its way to a login: `packages/provisioning`, `packages/linux`. */
export const NODE_CODES: ExplainedFamily = {
  title: 'nodes, their installation and their first boot',
  codes: {
    ACTION_INPUT_INVALID: {
      means: 'an action was given something that it does not take',
      cure: 'see the message: it takes what a step of a configuration file has',
    },
    ADDRESS_IN_USE: {
      means:
        'another machine has the address that a node is to have, or another node has it and is not to leave it now',
      cure: 'give the node another address, or switch the other machine off; of two nodes that swap theirs, run both',
    },
    NETWORK_REVERTED: {
      means: 'a node took another network, was not reached with it, and has gone back to the one before',
      cure: 'check the address, gateway, VLAN and interface, and that this computer reaches the new address; run again',
    },
    NETWORK_UNDECIDED: {
      means: 'a node took another network, and answers neither with it nor with the one before',
      cure: 'it goes back by itself, also when it is restarted: look at its serial console, then run again',
    },
    MODULE_NOTED_OTHERWISE: {
      means: 'a note on the board names another module than the configuration has',
      cure: 'see what is in the slot, and correct the configuration or the note; it is only a warning',
    },
    COMMANDS_IMPOSSIBLE: {
      means: 'a system whose nodes take no commands is asked to run some',
      cure: 'leave the steps out; what must be there belongs into the image (`files`)',
    },
    CREDENTIAL_UNREADABLE: {
      means: 'a password or key that was given in code cannot be read',
      cure: 'see the message; it is read where it is used',
    },
    SSH_KEYS_UNAVAILABLE: {
      means:
        'the public keys of an account on GitHub cannot be fetched, or what is on record of them cannot be read',
      cure: 'check the name and the network; the keys themselves or `{ file: … }` need neither',
    },
    SSH_KEYS_NOT_FETCHED: {
      means: 'the public keys of an account on GitHub were never fetched, and this command fetches nothing',
      cure: '`turingpi plan` fetches and shows them, and records them beside the configuration',
    },
    FILE_OWNER_UNKNOWN: {
      means: 'a file is to belong to a user or group that the image does not have',
      cure: 'correct the name or give a number; what belongs to a user that the first boot makes is put there with a `write` step',
    },
    FIRST_LOGIN_IMPOSSIBLE: {
      means: '`firstLogin` contradicts another setting, such as accounts that are in the image already',
      cure: 'leave out one of the two',
    },
    FIRST_LOGIN_FAILED: {
      means: 'the node refuses the first login, or the new password',
      cure: 'give the login that the image ships as `firstLogin`, or a better password',
    },
    IMAGE_OF_OTHER_NODE: {
      means: 'an image was made for another node than it is given to',
      cure: 'build one for this node, or say `acceptOtherNode: true`',
    },
    LOGIN_IMPOSSIBLE: { means: 'the system of the node has no SSH', cure: 'use the tool that it brings' },
    LOGIN_MISSING: {
      means: 'there is no key or password to log in to the node with',
      cure: 'give `ssh.privateKey` for one of the keys in the image, or a password',
    },
    NODE_NOT_INSTALLED: { means: 'no installation of the node is on record', cure: '`turingpi adopt N`' },
    NODE_UNHEALTHY: {
      means: 'a node was installed, and does not do its work (`healthy`) in time',
      cure: 'log in and look; the next run waits for it again',
    },
    STRATEGY_TARGET_UNKNOWN: {
      means: 'the way to install does not write to the disk that was asked for, on this type of module',
      cure: 'leave `install.target` out; `nvme` needs the strategy `network` and an RK1',
    },
    STRATEGY_UNKNOWN: {
      means: 'the board has no such installation strategy',
      cure: 'take one that the message names',
    },
    BOOT_TIMEOUT: {
      means: 'a node did not come up, or did not end its first boot, in time',
      cure: 'look at `turingpi node uart -n N`; raise `install.bootTimeoutMs` for a slow one',
    },
    BOOT_FAILED: {
      means: 'its console shows why the node does not start',
      cure: 'do what the hint says; `turingpi node uart -n N` shows the console',
    },
    FIRST_BOOT_FAILED: {
      means: 'what is done at the first boot, cloud-init or our script, failed',
      cure: 'log in and look at the log that the hint names',
    },
    ADOPTION_REFUSED: {
      means: 'a node cannot be adopted: its key was not confirmed, or it says that it is another one',
      cure: 'compare the fingerprint on its console and give it with `--fingerprint`; correct addresses',
    },
  },
};
