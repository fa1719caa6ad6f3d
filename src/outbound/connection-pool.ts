import { Client } from 'undici';
import type { Policy } from './address-guard.js';
import { type Caller, type ConnectorOptions, vettedConnector } from './connector.js';
import type { CallSignal } from './deadline.js';

/** Connections of one origin, in use and idle together; the next call waits, within its own deadline. */
const connectionLimit = 64;

const idleMs = 4_000;

/** A busy connection is given up after this, so that a name that moved to another address is noticed. */
const oldestMs = 60_000;

/** Where connections lead, and by which policy they were vetted. */
export interface Destination {
  readonly origin: string;
  readonly policy: Policy;
}

/** One connection. It serves one call at a time, and connects for the call it serves. */
export interface Connection {
  readonly client: Client;
  readonly openedAt: number;
  readonly lane: Lane;
  caller: Caller;
}

interface Lane {
  readonly key: string;
  inUse: number;
  readonly idle: Connection[];
  readonly waiting: Set<() => void>;
}

/**
 * Keep-alive connections by policy and origin, so that none is ever used under another policy than it was vetted by.
 *
 * An undici Client for each connection, not an Agent: only so does connecting end with the call that wants it, and
 * nothing stays behind for an origin that failed (CVE-2025-47279 was such a pile, of origins with bad certificates).
 */
export class ConnectionPool {
  readonly #lanes = new Map<string, Lane>();
  readonly #options: Pick<ConnectorOptions, 'guard' | 'ca'>;
  #isClosed = false;

  constructor(options: Pick<ConnectorOptions, 'guard' | 'ca'>) {
    this.#options = options;
  }

  /** Origins with a connection in use or idle; a test watches that it returns to zero. */
  get size(): number {
    return this.#lanes.size;
  }

  /** At once where one is free. Null when the caller's signal fired while every connection was in use. */
  lease(destination: Destination, caller: Caller): Connection | Promise<Connection | null> {
    const lane = this.#lane(destination);
    if (lane.inUse >= connectionLimit) return this.#leaseInTurn(lane, destination, caller);
    lane.inUse++;
    return this.#take(lane, destination, caller);
  }

  /** Gives a connection back; it is kept only when its reply was read to the end and it is still open. */
  release(connection: Connection, isReusable: boolean): void {
    const { lane } = connection;
    if (isReusable && !this.#isClosed && connection.client.stats.connected && isYoung(connection)) {
      lane.idle.push(connection);
    } else {
      discard(connection);
    }
    const [next] = lane.waiting;
    if (next) next();
    else lane.inUse--;
    this.#forgetEmpty(lane);
  }

  /** Ends what is idle; calls under way end by themselves, and their connections with them. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) {
      for (const connection of lane.idle.splice(0)) discard(connection);
      this.#forgetEmpty(lane);
    }
  }

  async #leaseInTurn(lane: Lane, destination: Destination, caller: Caller): Promise<Connection | null> {
    return (await turn(lane, caller.signal)) ? this.#take(lane, destination, caller) : null;
  }

  #take(lane: Lane, destination: Destination, caller: Caller): Connection {
    const idle = takeIdle(lane);
    if (!idle) return this.#open(lane, destination, caller);
    idle.caller = caller;
    return idle;
  }

  #open(lane: Lane, { origin, policy }: Destination, caller: Caller): Connection {
    const client = new Client(origin, {
      connect: vettedConnector({ ...this.#options, policy, caller: () => connection.caller }),
      allowH2: false,
      pipelining: 1,
      // One deadline: the caller's signal. undici's timers stop between chunks and miss 1xx replies.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      maxHeaderSize: 32 * 1024,
    });
    const connection: Connection = { client, openedAt: performance.now(), lane, caller };
    client.on('disconnect', () => this.#dropIdle(connection));
    return connection;
  }

  #dropIdle(connection: Connection): void {
    const { lane } = connection;
    const index = lane.idle.indexOf(connection);
    if (index === -1) return;
    lane.idle.splice(index, 1);
    discard(connection);
    this.#forgetEmpty(lane);
  }

  #lane({ origin, policy }: Destination): Lane {
    const key = `${policy} ${origin}`;
    let lane = this.#lanes.get(key);
    if (!lane) this.#lanes.set(key, (lane = { key, inUse: 0, idle: [], waiting: new Set() }));
    return lane;
  }

  #forgetEmpty({ key, inUse, idle }: Lane): void {
    if (inUse === 0 && idle.length === 0) this.#lanes.delete(key);
  }
}

function takeIdle(lane: Lane): Connection | undefined {
  for (;;) {
    // The one used last: the others grow old and close.
    const connection = lane.idle.pop();
    if (!connection || (connection.client.stats.connected && isYoung(connection))) return connection;
    discard(connection);
  }
}

/** Waits until a connection is given back, and takes over its place; false when the signal came first. */
function turn(lane: Lane, signal: CallSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (hasTurn: boolean): void => {
      lane.waiting.delete(take);
      signal.removeEventListener('abort', giveUp);
      resolve(hasTurn);
    };
    const take = (): void => done(true);
    const giveUp = (): void => done(false);
    lane.waiting.add(take);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

function isYoung(connection: Connection): boolean {
  return performance.now() - connection.openedAt < oldestMs;
}

function discard(connection: Connection): void {
  void connection.client.destroy();
}
