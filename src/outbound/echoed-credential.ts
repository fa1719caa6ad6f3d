import type { Exchange } from './guarded-client.js';

/**
 * The exchange as it may be kept: a receiver that repeats our Authorization header in its reply would otherwise put the
 * password into the log. As it was sent, or as JSON with escaped slashes and addresses write it; all other bytes stay.
 */
export function withoutEchoedCredential(exchange: Exchange, authorization: string | null): Exchange {
  const credential = authorization?.slice(authorization.indexOf(' ') + 1) ?? '';
  const { replyHeaders, replyBody } = exchange;
  const holdsOne = (isIn: (content: Content) => boolean): boolean =>
    isIn(replyBody) || replyHeaders.some(([, value]) => isIn(value));
  // Most replies are too short to repeat it, and nearly no other one does.
  if (credential === '' || !holdsOne(({ length }) => length >= credential.length)) {
    return exchange;
  }
  const spellings = [credential, credential.replaceAll('/', String.raw`\/`), encodeURIComponent(credential)];
  if (!holdsOne((content) => spellings.some((one) => content.includes(one)))) {
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

/** Of a reply: text, or bytes. */
interface Content {
  readonly length: number;
  includes(text: string): boolean;
}

/** In ASCII, so that it is the same in whatever encoding a body has. */
const ASCII_MASK = '***';

function masked(text: string, credential: string): string {
  return text.replaceAll(credential, ASCII_MASK);
}
