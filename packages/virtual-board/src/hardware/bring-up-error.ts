/** Bring-up failed; the message is the outermost text, `cause` the innermost one. */
export class BringUpError extends Error {}
