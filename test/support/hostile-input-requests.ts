import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { TestWeb } from './web.js';

/** A request as it goes out, nothing put right. */
export interface Sent {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer | undefined;
}

export interface Answer {
  sent: Sent;
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Nothing that is asked here takes as long as this, on a machine however busy. */
const HUNG_MS = 20_000;
const AT_ONCE = 8;

/** Sends to one application, over connections that are kept. Close it when done. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  constructor(private readonly web: Pick<TestWeb, 'url'>) {}

  async send(sent: Sent): Promise<Answer> {
    try {
      return await this.sendOnce(sent);
    } catch (error) {
      // The server may end a connection that was idle at the very moment when it is used again.
      if (error instanceof Unanswered && error.onKeptConnection) return this.sendOnce(sent);
      throw error;
    }
  }

  private sendOnce(sent: Sent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.web.url);
      const { method, path, headers = {}, body } = sent;
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request(
        { hostname, port, method, path, headers: { ...length, ...headers }, agent: this.agent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              sent,
              status: incoming.statusCode!,
              headers: incoming.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.setTimeout(HUNG_MS, () => outgoing.destroy(new Error('No answer came.')));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const onKeptConnection = outgoing.reusedSocket && error.code === 'ECONNRESET';
        reject(new Unanswered(`${nameOf(sent)}: ${error.message}`, onKeptConnection, { cause: error }));
      });
      outgoing.end(body);
    });
  }

  /** Several at a time, the answers in order. */
  async sendAll(all: readonly Sent[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < all.length) {
        const index = next;
        next += 1;
        answers[index] = await this.send(all[index]!);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return answers;
  }

  close(): void {
    this.agent.destroy();
  }
}

class Unanswered extends Error {
  constructor(
    message: string,
    readonly onKeptConnection: boolean,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A request at a glance, for whoever reads a failed test. */
export function nameOf({ method, path, body }: Sent): string {
  const sentBody = body === undefined ? '' : ` ${JSON.stringify(body.toString().slice(0, 300))}`;
  return `${method} ${path.slice(0, 200)}${sentBody}`;
}

/** Whether an answer to this path is for a program, which no Accept header changes. */
export function isForPrograms(path: string): boolean {
  return /^\/(api|health|metrics|assets)(\/|\?|$)|^\/receiver\/[^/?]/.test(path);
}
