import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isForPrograms, nameOf, type Answer } from './hostile-input-requests.js';

/**
 * What is wrong with an answer, whatever was asked, a line each: a fault of ours, a header that is missing, an error
 * that has not the form that docs/api.md promises to programs or is no page of ours, markup that no template has.
 */
export function complaintsAbout(answer: Answer): string[] {
  return [...faults(answer), ...headerComplaints(answer), ...formComplaints(answer)].map(
    (complaint) => `${complaint} | ${summaryOf(answer)}`,
  );
}

/** An answer at a glance, for whoever reads a failed test. */
export function summaryOf({ sent, status, text }: Answer): string {
  const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(text)?.[1] ?? text;
  return `${nameOf(sent)} → ${status}: ${main
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .slice(0, 300)}`;
}

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';" +
    "form-action 'self';frame-ancestors 'none';base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function faults({ status, text }: Answer): string[] {
  const complaints = status >= 500 ? ['a fault'] : [];
  return /node_modules|\bat \S+ \(|\.[jt]s:\d+/.test(text) ? [...complaints, 'tells of our code'] : complaints;
}

function headerComplaints({ headers, sent }: Answer): string[] {
  const wrong = Object.entries(SECURITY_HEADERS)
    .filter(([name, value]) => headers[name] !== value)
    .map(([name]) => `${name} is ${String(headers[name])}`);
  const isCached = headers['cache-control'] !== 'no-store' && !sent.path.startsWith('/assets/');
  return [
    ...wrong,
    ...(isCached ? [`cache-control is ${String(headers['cache-control'])}`] : []),
    ...(headers['x-powered-by'] || headers.server ? ['it says what runs here'] : []),
  ];
}

function formComplaints(answer: Answer): string[] {
  const { status, headers, text, sent } = answer;
  if (sent.method === 'HEAD') {
    return text === '' ? [] : ['HEAD was answered with a body'];
  }
  const type = headers['content-type'] ?? 'nothing';
  if (type.startsWith('text/html')) {
    const misplaced = isForPrograms(sent.path) && status >= 400 ? ['a page for a program'] : [];
    return [...misplaced, ...pageComplaints(text)];
  }
  if (status < 400) {
    return [];
  }
  return type.startsWith('application/json') ? errorComplaints(text) : [`an error as ${type}`];
}

const ERROR_KEYS = new Set(['code', 'message', 'field', 'fields']);

/** `{ code, message, field?, fields? }`, and in each of fields `{ field, message }`. */
function errorComplaints(text: string): string[] {
  const error = parsed(text);
  if (error === null) {
    return ['an error that is no JSON object'];
  }
  const { code, message, field, fields = [] } = error as Record<string, unknown>;
  const isWhole =
    /^[a-z][a-z_]+$/.test(String(code)) &&
    typeof message === 'string' &&
    message !== '' &&
    (field === undefined || typeof field === 'string') &&
    Array.isArray(fields) &&
    fields.every((each) => typeof each.field === 'string' && typeof each.message === 'string') &&
    Object.keys(error).every((key) => ERROR_KEYS.has(key));
  return isWhole ? [] : [`not the form of an error: ${text.slice(0, 200)}`];
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Every element and attribute of a page must be one that some template writes: text makes none. */
function pageComplaints(html: string): string[] {
  const complaints = html.startsWith('<!doctype html>') ? [] : ['no page of ours'];
  // A redirect is a line of the framework's, without anything of ours around it.
  for (const [tag, name, rest] of html.matchAll(TAG)) {
    const names = rest!.replaceAll(/"[^"]*"/g, '').matchAll(/[^\s=/]+/g);
    const unknown = [...names].map(String).filter((attribute) => !written.attributes.has(attribute.toLowerCase()));
    if (!written.elements.has(name!.toLowerCase()) || unknown.length > 0) {
      complaints.push(`an element that no template has: ${tag.slice(0, 200)}`);
    }
  }
  return complaints;
}

const TAG = /<([a-z][a-z0-9-]*)((?:"[^"]*"|[^>"])*)>/gi;
const written = vocabulary(join(import.meta.dirname, '..', '..', 'views'));

function vocabulary(folder: string): { elements: Set<string>; attributes: Set<string> } {
  const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hbs'));
  const elements = new Set<string>();
  const attributes = new Set<string>();
  for (const name of templates) {
    const html = readFileSync(join(folder, name), 'utf8').replaceAll(/\{\{[^}]*\}\}/g, ' ');
    for (const [, element, rest] of html.matchAll(TAG)) {
      elements.add(element!.toLowerCase());
      for (const [attribute] of rest!.replaceAll(/"[^"]*"/g, '').matchAll(/[^\s=/]+/g)) {
        attributes.add(attribute.toLowerCase());
      }
    }
  }
  return { elements, attributes };
}
