import { connect } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer, Sent } from './hostile-input-requests.js';
import type { TestWeb } from './web.js';

const HUNG_MS = 10_000;

/** Sends exactly these bytes over a connection of their own, and answers all that came until the server closed it. */
export function exchangeBytes({ url }: Pick<TestWeb, 'url'>, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const finish = () => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.setTimeout(HUNG_MS, () => {
      reject(new Error(`The connection stayed open after ${Buffer.concat(chunks).toString('latin1').slice(0, 500)}`));
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A reset is how a connection ends whose last bytes nobody read.
    socket.on('error', finish);
    socket.on('close', finish);
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

/** The answers in what came over a connection; interim ones (100 Continue) are left out. */
export function answersIn(received: string, sent: Sent): Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const [start = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
    if (end < 0 || Number.isNaN(status)) {
      throw new Error(`No HTTP: ${JSON.stringify(rest.slice(0, 300))}`);
    }
    const headers: IncomingHttpHeaders = Object.fromEntries(
      lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const body = rest.slice(end + 4);
    const length = status < 200 ? 0 : Number(headers['content-length'] ?? body.length);
    if (status >= 200) {
      answers.push({ sent, status, headers, text: body.slice(0, length) });
    }
    rest = body.slice(length);
  }
  return answers;
}
