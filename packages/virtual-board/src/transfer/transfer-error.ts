/** A transfer failed; the message is what the status shows (docs/reference/bmc-protocol.md, "Error texts"). */
export class TransferError extends Error {}

/** The source of a transfer failed, as opposed to what was done with its bytes. */
export class SourceError extends TransferError {}

/** The transfer was cancelled or superseded. */
export class TransferCancelled extends Error {}

/** The daemon died: workers stop where they are and nothing is cleaned up. */
export class DaemonStopped extends Error {}
