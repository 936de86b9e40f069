import type { ClientChannel } from 'ssh2';

interface ChannelInside {
  readonly outgoing?: { readonly id?: number; readonly state?: string };
  readonly _client?: { readonly _protocol?: { signal?(channel: number, name: string): void } };
}

/**
 * Asks the server to signal what runs on a channel (RFC 4254 section 6.9).
 *
 * @remarks `Channel.signal` of ssh2 does nothing, without a word, once standard input was ended, which the protocol
 * does not ask for; so the request is made one level deeper. A server needs not heed it: OpenSSH does from 7.9 on, for
 * processes of the login user.
 * @returns whether the request was sent.
 */
export function signalChannel(channel: ClientChannel, name: 'TERM' | 'KILL'): boolean {
  const { outgoing, _client: client } = channel as unknown as ChannelInside;
  const protocol = client?._protocol;
  if (outgoing?.id === undefined || outgoing.state === 'closed' || protocol?.signal === undefined)
    return false;
  try {
    protocol.signal(outgoing.id, name);
    return true;
  } catch {
    return false; // the connection is gone
  }
}
