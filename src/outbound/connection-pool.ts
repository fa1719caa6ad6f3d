import type { Policy } from './address-guard.js';
import { type Caller, type ConnectorOptions, connectVetted } from './connector.js';
import type { CallSignal } from './deadline.js';
import { HttpConnection } from './http-connection.js';

/** Connections of one origin, in use and idle together; the next call waits, within its own deadline. */
const connectionLimit = 64;

/** So often those are looked for that have been idle for too long. */
const sweepMs = 500;

/** A busy connection is given up after this, so that a name that moved to another address is noticed. */
const oldestMs = 60_000;

/** Where connections lead, and by which policy they were vetted. */
export interface Destination {
  readonly origin: string;
  readonly policy: Policy;
}

/** One connection. It serves one call at a time, and connects for the call it serves. */
export interface Connection {
  readonly http: HttpConnection;
  readonly openedAt: number;
  readonly lane: Lane;
  caller: Caller;
  /** While it is idle: when it is given up. */
  idleUntil: number;
}

interface Lane {
  readonly key: string;
  inUse: number;
  readonly idle: Connection[];
  readonly waiting: Set<() => void>;
}

/**
 * Keep-alive connections by policy and origin, so that none is ever used under another policy than it was vetted by.
 * Connecting ends with the call that wants it, and nothing stays behind for an origin that failed (CVE-2025-47279 was such
 * a pile, of origins with bad certificates).
 */
export class ConnectionPool {
  readonly #lanes = new Map<string, Lane>();
  readonly #options: Pick<ConnectorOptions, 'guard' | 'ca'>;
  #isClosed = false;
  #sweeping: NodeJS.Timeout | undefined;

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
    const { lane, http } = connection;
    if (isReusable && !this.#isClosed && http.isOpen && isYoung(connection)) {
      connection.idleUntil = performance.now() + http.keptMs;
      lane.idle.push(connection);
      this.#sweeping ??= setTimeout(() => this.#sweep(), sweepMs).unref();
    } else {
      http.close();
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
      for (const connection of lane.idle.splice(0)) connection.http.close();
      this.#forgetEmpty(lane);
    }
    clearTimeout(this.#sweeping);
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
    const url = new URL(origin);
    const options = { ...this.#options, policy, caller: () => connection.caller };
    const http = new HttpConnection(
      url.host,
      (onBytes) => connectVetted(options, url, onBytes),
      () => this.#dropIdle(connection),
    );
    const connection: Connection = { http, openedAt: performance.now(), lane, caller, idleUntil: 0 };
    return connection;
  }

  /** Ends what has been idle for too long. */
  #sweep(): void {
    this.#sweeping = undefined;
    const now = performance.now();
    for (const lane of this.#lanes.values()) {
      for (const connection of lane.idle.filter(({ idleUntil }) => idleUntil <= now)) connection.http.close();
      if (lane.idle.length > 0) this.#sweeping ??= setTimeout(() => this.#sweep(), sweepMs).unref();
    }
  }

  #dropIdle(connection: Connection): void {
    const { lane } = connection;
    const index = lane.idle.indexOf(connection);
    if (index === -1) return;
    lane.idle.splice(index, 1);
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
    if (!connection || (connection.idleUntil > performance.now() && isYoung(connection))) return connection;
    connection.http.close();
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
