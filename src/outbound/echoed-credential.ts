import type { Exchange } from './guarded-client.js';

/**
 * The exchange as it may be kept: a receiver that repeats our Authorization header in its reply would otherwise put the
 * password into the log. As it was sent, or as JSON with escaped slashes and addresses write it; all other bytes stay.
 */
export function withoutEchoedCredential(exchange: Exchange, authorization: string | null): Exchange {
  const credential = authorization?.slice(authorization.indexOf(' ') + 1) ?? '';
  if (credential === '') {
    return exchange;
  }
  const spellings = [credential, credential.replaceAll('/', String.raw`\/`), encodeURIComponent(credential)];
  const isIn = (content: { includes(text: string): boolean }): boolean =>
    spellings.some((one) => content.includes(one));
  const { replyHeaders, replyBody } = exchange;
  // Nearly no reply repeats it.
  if (!isIn(replyBody) && !replyHeaders.some(([, value]) => isIn(value))) {
    return exchange;
  }
  const text = (content: string): string => spellings.reduce(masked, content);
  return {
    ...exchange,
    replyHeaders: replyHeaders.map(([name, value]) => [name, text(value)]),
    // Latin-1 gives each byte a character of its own, and back.
    replyBody: Buffer.from(text(replyBody.toString('latin1')), 'latin1'),
  };
}

/** In ASCII, so that it is the same in whatever encoding a body has. */
const ASCII_MASK = '***';

function masked(text: string, credential: string): string {
  return text.replaceAll(credential, ASCII_MASK);
}
