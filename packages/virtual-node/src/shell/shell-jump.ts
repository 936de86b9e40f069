/** The end of a shell, thrown through whatever it was doing. */
export class ShellExit extends Error {
  constructor(readonly status: number) {
    super(`the shell ends with ${status}`);
  }
}

/** `break` and `continue`. */
export class LoopJump extends Error {
  constructor(readonly kind: 'break' | 'continue') {
    super(`${kind} outside a loop`);
  }
}
