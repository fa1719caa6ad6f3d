import { Socket } from 'node:net';

/** Where sockets of this process were told to go. */
export interface RecordedConnects {
  readonly addresses: string[];
  restore(): void;
}

/**
 * From now on no socket of this process leaves it: each is told that nobody listens, and where it wanted to go is kept.
 * node:net and node:tls both connect by this one method.
 */
export function recordConnects(): RecordedConnects {
  const addresses: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function record(this: Socket, ...given: unknown[]): Socket {
    const [options] = given.flat() as [{ host?: string }];
    addresses.push(options.host ?? 'nowhere');
    setImmediate(() => this.destroy(Object.assign(new Error('recorded'), { code: 'ECONNREFUSED' })));
    return this;
  };
  return {
    addresses,
    restore: () => {
      Socket.prototype.connect = connect;
    },
  };
}
