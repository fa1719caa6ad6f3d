import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the database that can be closed. */
export interface Forwarder {
  url: string;
  close(): Promise<void>;
}

export async function startForwarder(databaseUrl: string): Promise<Forwarder> {
  const there = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(there.port), there.hostname);
    for (const end of [socket, onward]) {
      sockets.add(end.on('error', () => end.destroy()));
    }
    socket.pipe(onward).pipe(socket);
    // Where one end is gone, so is the other.
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here = new URL(databaseUrl);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    close: async () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, 'close');
    },
  };
}
