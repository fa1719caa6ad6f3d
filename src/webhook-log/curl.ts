import { maskCredentials, maskUrl } from '../web/mask-credentials.js';

export interface CurlRequest {
  method: string;
  url: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: string | null;
}

/**
 * The request as a command for a POSIX shell. Credentials are placeholders to be replaced: `<credentials>`, and in the
 * address the name of the parameter. Whatever a customer wrote into the body stays within its quotes.
 */
export function curlCommand({ method, url, headers, body }: CurlRequest): string {
  const parts = [
    `curl --request ${quoted(method)}`,
    // Without --globoff, curl reads brackets and braces in an address as ranges.
    `--globoff ${quoted(addressWithPlaceholders(url))}`,
    ...maskCredentials(headers).map(([name, value]) => `--header ${quoted(headerLine(name, value))}`),
    // Neither --data, which reads a file where the text begins with @, nor --data-binary.
    ...(body === null ? [] : [`--data-raw ${quoted(body)}`]),
  ];
  return parts.join(' \\\n  ');
}

/** Within single quotes a shell reads nothing at all; only the quote itself has to stand outside. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** curl drops a header that ends in a colon, and sends one without a value for a semicolon. */
function headerLine(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value.replace('•••', '<credentials>')}`;
}

function addressWithPlaceholders(url: string): string {
  return maskUrl(url)
    .replace(/([?&;])([^=&;#]*)=•••/g, '$1$2=<$2>')
    .replace('://•••@', '://<credentials>@');
}
