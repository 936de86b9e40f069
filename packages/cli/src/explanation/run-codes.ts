import type { ExplainedFamily } from './explanation.js';

/** Phases and runs: `packages/core`. */
export const RUN_CODES: ExplainedFamily = {
  title: 'phases and runs',
  codes: {
    PREFLIGHT_FAILED: {
      means:
        'several things are in the way of a run; each is listed with its own code, and nothing was begun',
      cure: 'do what each line says, then run the same command again',
    },
    PHASE_FAILED: {
      means: 'a phase failed for a reason that has no code of its own; the message has it',
      cure: 'see the log, and run again: it goes on from there',
    },
    PHASE_INPUT_MISSING: {
      means: 'a phase before the first one that is to run is not on record as completed',
      cure: 'leave out `--from`, or name an earlier phase',
    },
    PHASE_ALREADY_RUNNING: {
      means: 'another run has the node; the message says which process, since when',
      cure: '`up --wait` waits for it; `turingpi run cancel` asks it to end',
    },
    PHASE_NOT_WANTED: {
      means: 'a workflow went on to a phase that this run ends before',
      cure: 'let this error pass in a workflow that catches errors',
    },
    PHASE_RANGE_EMPTY: {
      means: '`--from` names a later phase than `--until`',
      cure: 'the order is image, install, post',
    },
    HOOK_FAILED: {
      means: 'a step of `hooks` failed, or the node did not become `healthy`',
      cure: 'see the message; the next run does it again',
    },
    RUN_STOPPED: {
      means: 'another node failed, and this run stops at the first failure',
      cure: 'look at that node; the next run goes on where this one was stopped',
    },
    ACTION_WOULD_REPEAT: {
      means:
        'a command was done on the node already, and an action before it has changed; what comes before it is done',
      cure: '`up --rerun`, or `creates`, `unless`, `onRepeat`, `once` of the step',
    },
    NODE_NOT_CONFIGURED: {
      means: 'a node is meant that the configuration does not have',
      cure: 'add it, or leave it out',
    },
    BOARD_NOT_CONFIGURED: {
      means: 'the program names a board that `boards` does not have',
      cure: 'name one of those that the hint lists',
    },
    RUN_NOT_FOUND: {
      means: 'no run of that name is on file in the cache directory',
      cure: '`turingpi run list`; `-c` or `--cache-dir` says where to look',
    },
    RUN_AMBIGUOUS: { means: 'several names begin so', cure: 'give more of the name' },
    RUN_ENDED: {
      means: 'it goes on no more, so that there is nothing to stop',
      cure: '`turingpi run list` shows which one runs',
    },
    RUN_ELSEWHERE: {
      means: 'it goes on on another computer, which shares the state and not its signals',
      cure: 'stop it there, with the same command',
    },
    RUN_UNREADABLE: {
      means: "the file or its directory is damaged, another user's, or open to others",
      cure: 'mode 0700 for the directory; `turingpi run prune` removes what is damaged',
    },
    RUN_UNSUPPORTED_SCHEMA: {
      means: 'a newer version of this program wrote it',
      cure: 'look at it with that version',
    },
  },
};
