import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { answerMalformedRequests } from './malformed-requests.js';
import { securityHeaders } from './security-headers.js';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function start(answer: RequestListener, options: Parameters<typeof createServer>[0] = {}): Promise<number> {
  server = createServer(options, answer);
  answerMalformedRequests(server, securityHeaders({ https: false }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that comes until the server closes; `then` goes out behind the first of it. */
async function exchange(port: number, first: string, then?: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1');
    if (then !== undefined && received.endsWith('half')) socket.write(then);
  });
  socket.on('error', () => undefined);
  socket.write(first);
  await once(socket, 'close');
  return received;
}

const ASK = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';

test('a request that does not come to its end in time is told so', async () => {
  const port = await start((_request, response) => response.end(), {
    headersTimeout: 100,
    requestTimeout: 100,
    connectionsCheckingInterval: 20,
  });
  const received = await exchange(port, 'GET / HTTP/1.1\r\nHost: a.example\r\n');
  expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(received).toContain('x-content-type-options: nosniff\r\n');
  expect(received).toMatch(/\r\n\r\n\{"code":"request_timeout","message":"[^"]+"\}$/);
});

test('rubbish behind a whole answer is answered as rubbish', async () => {
  const port = await start((_request, response) => response.end('half'));
  const received = await exchange(port, ASK, 'rubbish\r\n\r\n');
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
});

test('rubbish behind half an answer cuts the connection, so that half an answer does not look like a whole one', async () => {
  const port = await start((_request, response) => {
    response.writeHead(200, { 'Content-Length': 1_000_000 });
    response.write('half');
  });
  const received = await exchange(port, ASK, 'rubbish\r\n\r\n');
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
});

test('who never reads or closes is cut off', async () => {
  const port = await start((_request, response) => response.end());
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write('rubbish\r\n\r\n');
  await once(server, 'connection');
  const open = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
});
