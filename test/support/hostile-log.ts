import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { dueOf } from './deliveries.js';
import type { HostileRun } from './hostile-run.js';
import { DEADLINE_SECONDS, deadlineSecondsOf, type Told, type ToldReply } from './hostile-told.js';

/**
 * Looks at the log as rows, as JSON and as the page: one attempt, ended in time, told in these words; and the next one
 * due as the schedule says, or none after a success.
 */
export async function expectInLog(run: HostileRun, name: string, told: Told): Promise<void> {
  const delivery = run.deliveries.get(name)!;
  const entry = await entryOf(run, delivery.id);
  const patience = (deadlineSecondsOf(told) + 1) * 1000 + run.stoodStillMs;
  expect(delivery.wallMs).toBeLessThan(patience);
  expect(entry.attempts).toHaveLength(1);
  const [attempt] = entry.attempts;
  expect(attempt!.durationMs).toBeLessThan(patience);
  expect(attempt).toMatchObject({
    number: 1,
    manual: false,
    outcome: told.outcome,
    responseCode: told.reply?.status ?? null,
  });
  expect(asOnTime(attempt!.message, patience)).toEqual(matching(told.words));
  expect(entry).toMatchObject({ lastOutcome: told.outcome, lastResponseCode: told.reply?.status ?? null });
  await expectSchedule(run, delivery.id, entry, told.outcome === 'succeeded');
  expect(attempt!.exchanges).toHaveLength(1);
  await expectReply(run, delivery.id, attempt!.exchanges[0]!.response, patience, told.reply);
  expectPage(await pageOf(run, delivery.id), attempt!, told.reply);
}

/**
 * What is answered for an honest receiver arrives long before the calls beside it have ended. Behind one that hangs it
 * would take the deadline; how long it takes by itself depends on the machine and on what else runs there.
 */
export function expectHealthyUndelayed({ usualMs, healthyMs }: HostileRun): void {
  expect(healthyMs.length).toBeGreaterThan(1);
  expect(median(healthyMs)).toBeLessThan((DEADLINE_SECONDS * 1000) / 3 + 3 * median(usualMs));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export interface Entry {
  status: string;
  nextAttemptAt: string | null;
  lastResponse: string | null;
  attempts: Attempt[];
}

interface Attempt {
  durationMs: number;
  outcome: string;
  message: string;
  responseCode: number | null;
  exchanges: { response: Reply | null }[];
}

interface Reply {
  status: number;
  headers: { name: string; value: string }[];
  body: string;
  bodyTruncated: boolean;
  error: string | null;
}

export async function entryOf({ watched }: HostileRun, id: number): Promise<Entry> {
  return (await watched.api.get(`/deliveries/${webhookIdOf(id)}`).expect(200)).body;
}

/** The page of a delivery as text: what a browser would show, without the tags. */
export async function pageOf({ watched }: HostileRun, id: number): Promise<string> {
  const { text } = await watched.member.get(`/webhook-log/${webhookIdOf(id)}`).expect(200);
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text
    .replace(/<[^>]*>/g, '')
    .replace(/&#x([0-9a-f]+);/gi, (_entity, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&(\w+);/g, (entity, name: string) => entities[name] ?? entity);
}

/** A failure waits for the first of the survey webhook's waits, whatever the receiver asked for. */
async function expectSchedule({ onlooker }: HostileRun, id: number, entry: Entry, succeeded: boolean): Promise<void> {
  const due = await dueOf(onlooker, id);
  if (succeeded) {
    expect(entry).toMatchObject({ status: 'succeeded', nextAttemptAt: null });
    expect(due).toEqual([]);
    return;
  }
  expect(entry.status).toBe('in_progress');
  expect(due).toMatchObject([{ kind: 'automatic', number: 2, spent: 1, claimed: false, paused: false }]);
  const { rows } = await onlooker.pool.query<{ seconds: number }>(
    `select extract(epoch from due_at - (started_at + make_interval(secs => duration_ms / 1000.0)))::double precision
       as seconds from attempt join due_attempt using (delivery_id) where delivery_id = $1`,
    [id],
  );
  expect(rows[0]!.seconds).toBeGreaterThan(299);
  expect(rows[0]!.seconds).toBeLessThan(310);
}

async function expectReply(
  { onlooker }: HostileRun,
  id: number,
  shown: Reply | null,
  patience: number,
  told?: ToldReply,
): Promise<void> {
  if (!told) {
    expect(shown).toBeNull();
    return;
  }
  expect(shown).toMatchObject({
    status: told.status,
    bodyTruncated: told.isTruncated ?? false,
  });
  expect(shown!.error === null ? null : asOnTime(shown!.error, patience)).toEqual(
    told.error === undefined ? null : matching(told.error),
  );
  if (told.headers) expect(shown!.headers.map(({ name, value }) => [name, value])).toEqual(told.headers);
  const { rows } = await onlooker.pool.query<{ body: Buffer }>('select body from reply_body where delivery_id = $1', [
    id,
  ]);
  const body = rows[0]?.body ?? Buffer.alloc(0);
  if (told.body instanceof RegExp) expect(body.toString('latin1')).toMatch(told.body);
  else expect(body).toEqual(Buffer.from(told.body ?? ''));
}

function expectPage(page: string, { message, responseCode, outcome }: Attempt, told?: ToldReply): void {
  expect(page).toContain(`${message} ${responseCode ?? outcome}`);
  expect(page.includes('No reply arrived.')).toBe(told === undefined);
  expect(page.includes('Only the first 64 KiB were read and kept.')).toBe(told?.isTruncated ?? false);
  expect(page.includes('The reply broke off: ')).toBe(told?.error !== undefined);
}

/** The words of a call that noticed its deadline late, but as soon as it could. */
function asOnTime(text: string, patience: number): string {
  return text.replace(/within (\d+) s/, (late, seconds: string) =>
    Number(seconds) > DEADLINE_SECONDS && Number(seconds) * 1000 <= patience ? `within ${DEADLINE_SECONDS} s` : late,
  );
}

function matching(words: string | RegExp): unknown {
  return typeof words === 'string' ? words : expect.stringMatching(words);
}
