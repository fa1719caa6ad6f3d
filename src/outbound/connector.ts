import { type Socket, connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AddressGuard, Policy } from './address-guard.js';
import type { CallSignal } from './deadline.js';
import { CallFailure, type Stage } from './failure.js';
import { hostOf, portOf } from './target.js';

/** The call for which a connection works at the moment. */
export interface Caller {
  readonly signal: CallSignal;
  stage: Stage;
}

export interface ConnectorOptions {
  readonly guard: AddressGuard;
  readonly policy: Policy;
  /** Trusted instead of the system's authorities (tests). */
  readonly ca?: string | undefined;
  /** Asked at each connecting: a connection outlives the call that opened it. */
  readonly caller: () => Caller;
}

/** More addresses than this are no redundancy, they are a port scan through us. */
const addressLimit = 8;

/** An address that swallows packets leaves the next one its chance within the deadline. */
const otherAddressAfterMs = 3_000;

/** All connections read into the same memory: whoever takes the bytes has done with them when it returns. */
const readMemory = Buffer.alloc(64 * 1024);

/**
 * Opens a connection: the host is resolved and vetted at this very moment, literals included, and the connection goes to
 * the vetted address itself. A name that changes its mind between check and connecting (rebinding) finds nobody asking it
 * again. TLS still checks the name.
 *
 * @param url its origin is where the connection leads
 * @param onBytes takes what the other end sends; must keep none of it
 */
export async function connectVetted(
  options: ConnectorOptions,
  url: URL,
  onBytes: (bytes: Buffer) => void,
): Promise<Socket> {
  const { guard, policy } = options;
  const caller = options.caller();
  const host = hostOf(url);
  caller.stage = 'resolving';
  const vetted = await guard.vet(host, policy);
  if (vetted.kind === 'refused') throw new CallFailure(vetted.reason, vetted.message);
  caller.stage = 'connecting';
  const addresses = vetted.addresses.slice(0, addressLimit);
  for (const [index, { address }] of addresses.entries()) {
    const isLast = index === addresses.length - 1;
    const attempt = startConnecting(options, url, caller, address, onBytes);
    try {
      const socket = await connected(attempt, caller.signal, isLast ? null : otherAddressAfterMs);
      return vettedPeer(socket, guard, policy);
    } catch (error) {
      if (isLast || attempt.reached || caller.signal.aborted) throw error;
    }
  }
  throw new CallFailure('unreachable', `${host} could not be reached`);
}

interface Attempt {
  readonly socket: Socket;
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Somebody listens at the address: what fails from here on would fail at its other addresses too. */
  reached: boolean;
}

function startConnecting(
  { ca }: ConnectorOptions,
  url: URL,
  caller: Caller,
  address: string,
  onBytes: (bytes: Buffer) => void,
): Attempt {
  const host = hostOf(url);
  const isSecure = url.protocol === 'https:';
  const onread = {
    buffer: readMemory,
    callback: (length: number): boolean => {
      onBytes(readMemory.subarray(0, length));
      return true;
    },
  };
  const to = { host: address, port: portOf(url), onread };
  const socket = isSecure
    ? connectTls({
        ...to,
        // SNI and certificate are the name's; a literal has no SNI, and its certificate must name the address.
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === undefined ? {} : { ca }),
        ALPNProtocols: ['http/1.1'],
        minVersion: 'TLSv1.2',
        // Written out, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's shell does not switch it off.
        rejectUnauthorized: true,
      })
    : connectTcp(to);
  const attempt: Attempt = { socket, readyEvent: isSecure ? 'secureConnect' : 'connect', reached: false };
  socket.setNoDelay(true);
  socket.once('connect', () => {
    attempt.reached = true;
    if (isSecure) caller.stage = 'securing';
  });
  return attempt;
}

/** Ends with the caller's signal, or after `patienceMs` when nobody took the connection by then. */
function connected(attempt: Attempt, signal: CallSignal, patienceMs: number | null): Promise<Socket> {
  const { socket, readyEvent } = attempt;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.destroy(new CallFailure('aborted', 'The call ended while connecting'));
    };
    const timer = patienceMs === null ? undefined : setTimeout(giveUp, patienceMs);
    function giveUp(): void {
      if (!attempt.reached) socket.destroy(new CallFailure('unreachable', 'No connection in time'));
    }
    const cleanUp = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    socket.once(readyEvent, () => {
      cleanUp();
      resolve(socket);
    });
    // Stays for the socket's life: an error without a listener would end the process.
    socket.on('error', (error) => {
      cleanUp();
      reject(error);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Belt and braces: whoever is at the other end now must pass as well, whatever the network did in between. */
function vettedPeer(socket: Socket, guard: AddressGuard, policy: Policy): Socket {
  const peer = socket.remoteAddress;
  if (peer !== undefined && guard.isAllowed(peer, policy)) return socket;
  socket.destroy();
  if (peer === undefined) throw new CallFailure('reset', 'The receiver closed the connection at once');
  throw new CallFailure('blocked_address', 'The connection led to an address that may not be called');
}
