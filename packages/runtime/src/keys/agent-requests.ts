import { Transform, type TransformCallback } from 'node:stream';

/** As OpenSSH's agent has it. */
const LARGEST_REQUEST_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;
/** `SSH_AGENTC_REQUEST_IDENTITIES` and `SSH_AGENTC_SIGN_REQUEST` of draft-ietf-sshm-ssh-agent, "Message numbers". */
const UNDERSTOOD = new Set([11, 13]);
/** `SSH_AGENT_FAILURE`, with its length. */
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);

/**
 * Passes on requests to an agent that only signs, each as a whole, and answers all others with a failure: OpenSSH first sends
 * one that binds the agent to the connection, after which `ssh2` understands nothing any more.
 */
export class AgentRequests extends Transform {
  #held = Buffer.alloc(0);

  /** @param refuse - sends the answer to a request that is not passed on */
  constructor(private readonly refuse: (answer: Buffer) => void) {
    super();
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held = Buffer.concat([this.#held, piece]);
    while (this.#held.length >= LENGTH_BYTES) {
      const size = LENGTH_BYTES + this.#held.readUInt32BE(0);
      if (size > LARGEST_REQUEST_BYTES || size === LENGTH_BYTES)
        return done(new Error('this is no request to an agent'));
      if (this.#held.length < size) break;
      const request = this.#held.subarray(0, size);
      this.#held = this.#held.subarray(size);
      if (UNDERSTOOD.has(request[LENGTH_BYTES] ?? 0)) this.push(request);
      else this.refuse(FAILURE);
    }
    done();
  }
}
