import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the database that can be closed or cut, or fall silent. */
export interface Forwarder {
  url: string;
  /** As when a cable is cut: nothing passes any more, and neither end hears of it. New connections are not answered. */
  goSilent(): void;
  /** New connections pass; those from before stay silent for ever. */
  speakAgain(): void;
  /** Ends the connections there are; new ones pass. */
  cut(): void;
  close(): Promise<void>;
}

export async function startForwarder(databaseUrl: string): Promise<Forwarder> {
  const there = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const lost = new WeakSet<Socket>();
  let isSilent = false;
  const server = createServer((socket) => {
    const onward = connect(Number(there.port), there.hostname);
    for (const [end, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(end.on('error', () => end.destroy()));
      if (isSilent) {
        lost.add(end);
      }
      end.on('data', (data) => lost.has(end) || other.write(data));
      end.on('end', () => lost.has(end) || other.end());
      // Where one end is gone, so is the other.
      end.on('close', () => lost.has(end) || other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here = new URL(databaseUrl);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    goSilent: () => {
      isSilent = true;
      sockets.forEach((socket) => lost.add(socket));
    },
    speakAgain: () => {
      isSilent = false;
    },
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: async () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, 'close');
    },
  };
}
