/** A body as text, for people. */
export interface BodyText {
  text: string;
  /** False when some bytes are no UTF-8 and stand as U+FFFD in the text. */
  isUtf8: boolean;
}

/**
 * Reads whatever bytes a body has as UTF-8. Of a truncated body, a character that the cut went through is
 * left out: it is not the sender's fault.
 */
export function bodyText(bytes: Uint8Array, truncated: boolean): BodyText {
  const decode = (fatal: boolean) =>
    new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes, { stream: truncated });
  try {
    return { text: decode(true), isUtf8: true };
  } catch {
    return { text: decode(false), isUtf8: false };
  }
}

/** What a reader has to know about such a text. */
export const NOT_UTF8 = 'It is not UTF-8 text: bytes that cannot be read as such are shown as \uFFFD.';
