import { storableText } from '../database/storable-text.js';
import { remember } from '../web/remember.js';
import type { AddressGuard, Policy, UrlCheck } from './address-guard.js';
import { ConnectionPool, type Destination } from './connection-pool.js';
import type { Caller } from './connector.js';
import type { CallSignal } from './deadline.js';
import { type FailureReason, type Failure, describeAbort, describeFailure, failureSentences } from './failure.js';
import { type Header, isFramingHeader, isHeaderName, isHeaderValue } from './header-rules.js';
import { Reply } from './reply.js';
import { hostOf, parseTarget } from './target.js';
import { UnderWay } from './under-way.js';

export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array | null;
}

/** What went over the wire, with the credentials in it: see maskCredentials before it goes into a log. */
export interface Exchange {
  readonly request: { readonly method: string; readonly url: string; readonly headers: readonly Header[] };
  readonly status: number | null;
  readonly replyHeaders: readonly (readonly [name: string, value: string])[];
  /** The first 64 KiB at most, as they came: never decompressed, never decoded. */
  readonly replyBody: Buffer;
  readonly replyTruncated: boolean;
  /** How the body broke after the status line, in words. */
  readonly replyError: string | null;
  readonly durationMs: number;
}

export type CallOutcome =
  { kind: 'response'; status: number } | { kind: 'failure'; reason: FailureReason; message: string };

export interface Call {
  readonly outcome: CallOutcome;
  readonly exchange: Exchange;
}

export interface GuardedClientOptions {
  readonly guard: AddressGuard;
  /** The built-in receiver: this origin, below this path and nowhere else, may be on this machine. */
  readonly ownReceiver?: { readonly origin: string; readonly pathPrefix: string } | undefined;
  /** Certificate authorities trusted instead of the system's (tests). */
  readonly ca?: string | undefined;
}

/** Where a call goes. */
interface Way extends Destination {
  readonly url: URL;
  readonly path: string;
}

/** Makes HTTP calls to URLs that strangers typed. It follows no redirect, repeats nothing, and knows no proxy. */
export class GuardedClient {
  readonly #guard: AddressGuard;
  readonly #pool: ConnectionPool;
  readonly #ownReceiver: { origin: string; path: string } | null;
  readonly #underWay = new UnderWay();
  /** Or why a URL cannot be called, as a sentence. */
  readonly #wayTo = remember(2_048, (url): Way | string => this.#findWay(url));

  constructor({ guard, ownReceiver, ca }: GuardedClientOptions) {
    this.#guard = guard;
    this.#pool = new ConnectionPool({ guard, ca });
    this.#ownReceiver = ownReceiver
      ? { origin: new URL(ownReceiver.origin).origin, path: ownReceiver.pathPrefix.replace(/\/+$/, '') }
      : null;
  }

  /**
   * Makes one call and tells how it went. Nothing that a receiver, a URL or a header can do makes it throw.
   * The signal is the only deadline; it covers DNS, connecting, sending and reading. Once the status line is there, it
   * is the outcome, whatever becomes of the body.
   */
  async call(request: OutboundRequest, signal: CallSignal): Promise<Call> {
    const startedAt = performance.now();
    const caller: Caller = { signal, stage: 'waiting' };
    const reply = new Reply(caller);
    const way = refusalOf(request) ?? this.#wayTo(request.url);
    if (typeof way === 'string') return refused(request, way, reply, startedAt);
    const { url } = way;
    let failure: Failure | null = null;
    const onAbort = (): void => {
      if (reply.isSettled) return;
      failure = describeAbort(signal, caller.stage, hostOf(url), performance.now() - startedAt);
      reply.stop(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#underWay.began();
    try {
      if (signal.aborted) onAbort();
      else await this.#exchange(request, way, caller, reply);
    } finally {
      this.#underWay.ended();
    }
    signal.removeEventListener('abort', onAbort);
    if (failure === null && reply.error !== null) failure = describeFailure(reply.error, caller.stage, hostOf(url));
    return conclude(request, url.href, reply, failure, startedAt);
  }

  /** AddressGuard.checkUrl, for everything that this client will call: its own receiver is fine too. */
  async checkUrl(url: string): Promise<UrlCheck> {
    const target = parseTarget(url);
    if (target.kind === 'ok' && this.#policyFor(target.url) === 'own receiver') return { kind: 'ok' };
    return this.#guard.checkUrl(url);
  }

  /** Origins that hold a connection, in use or idle. */
  get openOrigins(): number {
    return this.#pool.size;
  }

  /** Waits for the calls under way, which end by their own deadlines. */
  async close(): Promise<void> {
    this.#pool.close();
    await this.#underWay.allEnded();
  }

  async #exchange(request: OutboundRequest, way: Way, caller: Caller, reply: Reply): Promise<void> {
    const leased = this.#pool.lease(way, caller);
    // Nearly always one is free, and there is nothing to wait for.
    const connection = leased instanceof Promise ? await leased : leased;
    if (connection === null) return;
    try {
      if (reply.isSettled) return;
      connection.http.send({ ...request, path: way.path }, reply);
      await reply.settled;
    } finally {
      this.#pool.release(connection, reply.ended);
    }
  }

  #findWay(text: string): Way | string {
    const target = parseTarget(text);
    if (target.kind === 'refused') return target.reason;
    const { url } = target;
    return { url, origin: url.origin, path: `${url.pathname}${url.search}`, policy: this.#policyFor(url) };
  }

  /**
   * Only a plain path below the prefix is the receiver's: `..` is resolved by the URL parser already, and whatever
   * another parser might decode to `/` or `..` gets no exception.
   */
  #policyFor(url: URL): Policy {
    const own = this.#ownReceiver;
    if (!own || url.origin !== own.origin || !/^[\w\-./~]*$/.test(url.pathname)) return 'public';
    return url.pathname === own.path || url.pathname.startsWith(`${own.path}/`) ? 'own receiver' : 'public';
  }
}

/** Why this cannot be sent: what would end the request early, or go to another host, or make another one of it. */
function refusalOf({ method, headers }: OutboundRequest): string | null {
  if (!isHeaderName(method) || /^(connect|trace)$/i.test(method)) return 'This request method cannot be used.';
  for (const [name, value] of headers) {
    const problem = nameProblem(name);
    if (problem !== null) return problem;
    if (!isHeaderValue(value)) {
      return `The value of the header ${name} holds characters that headers cannot carry.`;
    }
  }
  return null;
}

const nameProblem = remember(64, (name) => {
  if (!isHeaderName(name)) return 'One of the header names is not valid.';
  return isFramingHeader(name) ? `The header ${name} cannot be set.` : null;
});

/** What was refused may hold anything; what may be sent can be stored as it is. */
function refused(request: OutboundRequest, message: string, reply: Reply, startedAt: number): Call {
  const headers = request.headers.map(([name, value]): Header => [storableText(name), storableText(value)]);
  const failure: Failure = { reason: 'invalid_request', message };
  return conclude({ ...request, headers }, withoutUserinfo(request.url), reply, failure, startedAt);
}

/** A URL that is refused for the password in it must not carry it into the log. */
function withoutUserinfo(text: string): string {
  // The URL parser ignores these three wherever they stand.
  const plain = text.replace(/[\t\n\r]/g, '');
  return plain.replace(/^([^/\\?#]*:[/\\]*)[^/\\?#]*@/, '$1');
}

function conclude(
  { method, headers }: OutboundRequest,
  url: string,
  reply: Reply,
  failure: Failure | null,
  startedAt: number,
): Call {
  const { status } = reply;
  const outcome: CallOutcome =
    status !== null
      ? { kind: 'response', status }
      : { kind: 'failure', ...(failure ?? { reason: 'aborted', message: failureSentences.aborted }) };
  const exchange: Exchange = {
    request: {
      method: storableText(method),
      url: storableText(url),
      headers,
    },
    status,
    replyHeaders: reply.headers,
    replyBody: reply.body,
    replyTruncated: reply.truncated,
    replyError: status === null ? null : (failure?.message ?? null),
    durationMs: Math.round(performance.now() - startedAt),
  };
  return { outcome, exchange };
}
