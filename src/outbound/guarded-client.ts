import { storableText } from '../database/storable-text.js';
import type { AddressGuard, Policy, UrlCheck } from './address-guard.js';
import { ConnectionPool } from './connection-pool.js';
import type { Caller } from './connector.js';
import type { CallSignal } from './deadline.js';
import { type FailureReason, type Failure, describeAbort, describeFailure, failureSentences } from './failure.js';
import { type Header, isFramingHeader, isHeaderName, isHeaderValue } from './header-rules.js';
import { Reply } from './reply.js';
import { hostOf, parseTarget } from './target.js';

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
  readonly replyHeaders: readonly [name: string, value: string][];
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
interface Way {
  readonly url: URL;
  readonly origin: string;
  readonly path: string;
  readonly policy: Policy;
}

/** The same few URLs are called again and again; those that strangers make up must not pile up, nor be long. */
const MOST_WAYS = 1_000;
const LONGEST_KNOWN_URL = 2_048;

/** Makes HTTP calls to URLs that strangers typed. It follows no redirect, repeats nothing, and knows no proxy. */
export class GuardedClient {
  readonly #guard: AddressGuard;
  readonly #pool: ConnectionPool;
  readonly #ownReceiver: { origin: string; path: string } | null;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #ways = new Map<string, Way>();

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
  call(request: OutboundRequest, signal: CallSignal): Promise<Call> {
    const call = this.#call(request, signal).finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
    return call;
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
    await Promise.allSettled(this.#underWay);
  }

  async #call(request: OutboundRequest, signal: CallSignal): Promise<Call> {
    const startedAt = performance.now();
    const refusal = refusalOf(request);
    const way = refusal ?? this.#wayTo(request.url);
    if (typeof way === 'string') {
      const failure: Failure = { reason: 'invalid_request', message: way };
      const told = { ...request, headers: storableHeaders(request.headers) };
      return conclude(told, withoutUserinfo(request.url), new Reply(() => {}), failure, startedAt);
    }
    const { url } = way;
    const caller: Caller = { signal, stage: 'waiting' };
    const reply = new Reply((stage) => {
      caller.stage = stage;
    });
    const elapsed = (): number => performance.now() - startedAt;
    let failure: Failure | null = null;
    const onAbort = (): void => {
      if (reply.isSettled) return;
      failure = describeAbort(signal, caller.stage, hostOf(url), elapsed());
      reply.stop(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else await this.#exchange(request, way, caller, reply);
    signal.removeEventListener('abort', onAbort);
    if (failure === null && reply.error !== null) failure = describeFailure(reply.error, caller.stage, hostOf(url));
    return conclude(request, url.href, reply, failure, startedAt);
  }

  async #exchange(request: OutboundRequest, way: Way, caller: Caller, reply: Reply): Promise<void> {
    const connection = await this.#pool.lease(way.origin, way.policy, caller);
    if (!connection) return;
    try {
      if (reply.isSettled) return;
      connection.client.dispatch(
        {
          path: way.path,
          method: request.method,
          headers: request.headers.flat(),
          body: typeof request.body === 'string' ? Buffer.from(request.body) : request.body,
        },
        reply,
      );
      await reply.settled;
    } finally {
      this.#pool.release(connection, reply.ended);
    }
  }

  /** Or why it cannot be called, as a sentence. */
  #wayTo(text: string): Way | string {
    const known = this.#ways.get(text);
    if (known) return known;
    const target = parseTarget(text);
    if (target.kind === 'refused') return target.reason;
    const { url } = target;
    const way = { url, origin: url.origin, path: `${url.pathname}${url.search}`, policy: this.#policyFor(url) };
    if (text.length <= LONGEST_KNOWN_URL) {
      if (this.#ways.size >= MOST_WAYS) this.#ways.clear();
      this.#ways.set(text, way);
    }
    return way;
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

/** Why this cannot be sent: what undici would refuse by throwing, and what it would let through although it must not. */
function refusalOf({ method, headers }: OutboundRequest): string | null {
  if (!isHeaderName(method) || /^(connect|trace)$/i.test(method)) return 'This request method cannot be used.';
  for (const [name, value] of headers) {
    if (!isHeaderName(name)) return 'One of the header names is not valid.';
    if (isFramingHeader(name)) return `The header ${name} cannot be set.`;
    if (!isHeaderValue(value)) {
      return `The value of the header ${name} holds characters that headers cannot carry.`;
    }
  }
  return null;
}

/** What was refused may hold anything; what may be sent can be stored as it is. */
function storableHeaders(headers: readonly Header[]): Header[] {
  return headers.map(([name, value]) => [storableText(name), storableText(value)]);
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
