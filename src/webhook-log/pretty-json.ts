const INDENT = '  ';

/**
 * JSON with a line for each value. Only white space between its tokens changes, so that long numbers, escapes and
 * repeated keys stand as they were sent. Null for what is no JSON, and for a bare value, which has nothing to lay out.
 */
export function prettyJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) {
    return null;
  }
  let depth = 0;
  let laidOut = '';
  const line = () => `\n${INDENT.repeat(depth)}`;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      depth += 1;
      laidOut += token + line();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      laidOut += line() + token;
    } else {
      laidOut += token === ',' ? token + line() : token === ':' ? ': ' : token;
    }
  }
  return laidOut;
}

/** Strings, what is empty, brackets and signs, and bare words and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/g;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
