import type { Readable } from 'node:stream';

/** Of a call's body, as much is kept. */
export const BODY_LIMIT = 64 * 1024;

export interface KeptBody {
  bytes: Buffer;
  truncated: boolean;
}

/**
 * Reads a body up to the limit and leaves the rest to flow by unread. Whatever it is, it is kept as the
 * bytes that came. Null when the caller hung up in the middle.
 */
export async function readBody(stream: Readable): Promise<KeptBody | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (kept: KeptBody | null) => {
      stream.removeAllListeners('data');
      resolve(kept);
      stream.resume();
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > BODY_LIMIT) {
        finish({ bytes: Buffer.concat(chunks).subarray(0, BODY_LIMIT), truncated: true });
      }
    });
    stream.once('end', () => finish({ bytes: Buffer.concat(chunks), truncated: false }));
    stream.once('error', () => finish(null));
    stream.once('close', () => finish(null));
  });
}
