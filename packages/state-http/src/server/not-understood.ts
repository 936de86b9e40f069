/** Nobody knows what is asked for. It quotes nothing of it: there may be secrets in it. */
export class NotUnderstood extends Error {}
