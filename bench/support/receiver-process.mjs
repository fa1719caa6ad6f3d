/**
 * A receiver in a process of its own that answers every POST with 200. It speaks just enough HTTP/1.1 to read requests
 * with a Content-Length, so that it takes as little of the machine as it can from what is measured. `REPLY_BYTES` is the
 * length of the body it answers with.
 *
 * Its parent sends `{ ask: 'count' }` and gets `{ requests, distinct }`, the second by Webhook ID; `{ ask: 'arrivals' }`
 * and gets when each Webhook ID came last, in milliseconds since 1970; `{ ask: 'reset' }` sets all of it back.
 */
import { createServer } from 'node:net';

const body = 'ok'.padEnd(Number(process.env.REPLY_BYTES ?? 2), '.');
const reply = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
let requests = 0;
let ids = new Map();

const server = createServer((socket) => {
  let held = null;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let bytes = held === null ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const end = bytes.indexOf(END_OF_HEADERS);
      if (end === -1) break;
      const headers = bytes.latin1Slice(0, end);
      const total = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? 0);
      if (bytes.length < total) break;
      bytes = bytes.subarray(total);
      requests += 1;
      ids.set(/\r\nwebhook-id: *(\w+)/i.exec(headers)?.[1] ?? requests, performance.timeOrigin + performance.now());
      socket.write(reply);
    }
    held = bytes.length > 0 ? bytes : null;
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', ({ ask }) => {
  if (ask === 'count') process.send({ requests, distinct: ids.size });
  if (ask === 'arrivals') process.send({ arrivals: Object.fromEntries(ids) });
  if (ask === 'reset') {
    requests = 0;
    ids = new Map();
    process.send({});
  }
});
process.on('disconnect', () => process.exit());
