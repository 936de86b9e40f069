/** Who a process on the simulated node runs as. */
export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All groups, the primary one included. */
  readonly gids: ReadonlySet<number>;
  readonly home: string;
  readonly shell: string;
}

/** The superuser, whatever the account files say. */
export const ROOT: Identity = {
  name: 'root',
  uid: 0,
  gid: 0,
  gids: new Set([0]),
  home: '/root',
  shell: '/bin/sh',
};
