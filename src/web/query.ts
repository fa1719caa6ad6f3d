import type { Request } from 'express';

/** The query as it was sent, without the question mark. */
export function rawQuery(request: Pick<Request, 'originalUrl'>): string {
  return request.originalUrl.split('?').slice(1).join('?');
}

/**
 * The parameters of a link that went through mail programs and ticket systems. They turn `&` into `&amp;`;
 * an `&amp;` within a value cannot be meant, because a value's `&` is percent-encoded. Old ones write
 * Latin-1, which is read as such where it is no UTF-8: damaged letters would make one ticket of two. Of a
 * repeated parameter the first counts.
 */
export function linkParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.replaceAll('&amp;', '&').split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (!parameters.has(decode(name))) {
      parameters.set(decode(name), decode(value.join('=')));
    }
  }
  return parameters;
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
}
