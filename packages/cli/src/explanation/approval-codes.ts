import { docsPage } from '@turingpi/foundation';
import type { ExplainedFamily } from './explanation.js';

/** What erases a disk, plans, and who answers: `packages/core`, `packages/foundation`. */
export const APPROVAL_CODES: ExplainedFamily = {
  title: 'approvals, plans and identity',
  codes: {
    ERASE_NOT_APPROVED: {
      means: 'installing erases a disk, and nobody approved it, or the node is protected',
      cure: `say yes when you are asked, or give \`--erase\`; see ${docsPage('erasing')}`,
    },
    ERASE_OUTDATED: {
      means:
        'another run installed the node while this one waited: an approval is about what was there when it was given',
      cure: 'see what is left to do with `turingpi plan`; ask again where this installation is to be erased as well',
    },
    NEEDS_REINSTALL: {
      means: 'a setting changed that only a new installation can apply; the node was left as it is',
      cure: '`turingpi reinstall N`, when its disk may be erased',
    },
    REINSTALL_STOPPED: {
      means: 'a node before it could not be reinstalled, so this one keeps its system',
      cure: 'look at that node first, then run again',
    },
    PLAN_OUTDATED: {
      means: 'what was approved is not what would run now; nothing that the plan lacks was done',
      cure: 'make a new plan with `turingpi plan -o FILE`, and look at it',
    },
    PLAN_UNREADABLE: {
      means: 'the file is no plan that can be used',
      cure: 'make a new one with `turingpi plan -o FILE`',
    },
    STATE_OTHER_BOARD: {
      means: 'the records are about another board',
      cure: 'give this configuration a `stateFileName` of its own',
    },
    BOARD_NAMED_TWICE: {
      means: 'two names of `boards` lead to one and the same board',
      cure: 'take one of them out, or correct its `ip`',
    },
    BOARD_CHANGED: {
      means: 'another board answers than the one on record',
      cure: 'correct the address; when the board was replaced, `turingpi adopt` or `turingpi reinstall`',
    },
    MODULE_CHANGED: {
      means: 'another module is in the slot than the one on record',
      cure: '`turingpi adopt N` takes it for yours, `turingpi reinstall N` erases it',
    },
    NODE_OTHER_SYSTEM: {
      means: 'the node does not run what is on record',
      cure: '`turingpi adopt N` takes what runs there for yours, `turingpi reinstall N` erases it',
    },
    NODE_NOT_REACHABLE: {
      means: 'a finished node does not answer; its record stands, and nothing was changed',
      cure: 'is it switched on? `turingpi node power status`; `--offline` does not ask',
    },
  },
};
