import { once } from 'node:events';
import type { Response } from 'express';
import { BYTE_ORDER_MARK, csvRecord, type CsvCell } from './csv.js';

export interface CsvFile {
  /** Ends in `.csv`. */
  filename: string;
  header: readonly string[];
  /** Some records at a time; at least one page, though an empty one. */
  pages: AsyncIterable<readonly (readonly CsvCell[])[]>;
}

/**
 * Answers with a file to save, page by page: the next page is asked for when the client has taken the one before, and
 * none any more when the client has hung up.
 *
 * What fails before the first page is an ordinary error. What fails later is thrown as well, and the errors filter cuts
 * the connection: half a file must not look like a whole one.
 */
export async function sendCsv(reply: Response, { filename, header, pages }: CsvFile): Promise<void> {
  const hungUp = new AbortController();
  reply.once('close', () => hungUp.abort());
  for await (const page of pages) {
    if (reply.destroyed) {
      return;
    }
    const records = page.map(csvRecord).join('');
    const isFirst = !reply.headersSent;
    if (isFirst) {
      reply.type('csv').setHeader('Content-Disposition', `attachment; filename="${filename}"`);
    }
    if (!reply.write(isFirst ? BYTE_ORDER_MARK + csvRecord(header) + records : records)) {
      await taken(reply, hungUp.signal);
    }
    if (reply.req.method === 'HEAD') {
      break;
    }
  }
  reply.end();
}

/** Resolves when the client has taken what was written, or will never take it. */
async function taken(reply: Response, hungUp: AbortSignal): Promise<void> {
  try {
    await once(reply, 'drain', { signal: hungUp });
  } catch (error) {
    if (!hungUp.aborted) {
      throw error;
    }
  }
}
