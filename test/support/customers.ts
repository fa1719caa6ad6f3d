import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring } from '../../src/config/keyring.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import type { Survey } from '../../src/surveys/survey.entity.js';
import type { TestWorker } from './app.js';
import { eventually } from './eventually.js';
import { buildInvitation } from './factories.js';
import { balanceOf } from './load.js';
import type { Receiver } from './receivers.js';
import { sendForm } from './survey-visit.js';

/** What customers were told while something was wrong. */
export interface Told {
  /** Links whose answer was acknowledged. */
  acknowledged: string[];
  /** How often a customer was asked to send again, with what they had typed. */
  askedAgain: number;
  /** How often nobody answered at all. */
  unanswered: number;
  /** Anything else: there must be none. */
  odd: string[];
}

/**
 * Customers who answer one survey after the other, several at once, until they are told to stop. As people do, they send
 * the same form again when it was not acknowledged.
 */
export class Customers {
  readonly told: Told = { acknowledged: [], askedAgain: 0, unanswered: 0, odd: [] };
  private stopped = false;
  private abandoned = false;
  private readonly visits: Promise<void>[];

  /** @param links one for each answer; those left over at the end are not answered */
  constructor(
    private readonly links: string[],
    atOnce: number,
  ) {
    this.visits = Array.from({ length: atOnce }, () => this.visit());
  }

  /** Whoever has begun comes to an end. */
  async stop(): Promise<Told> {
    this.stopped = true;
    await Promise.all(this.visits);
    return this.told;
  }

  /** Nobody sends anything again. */
  abandon(): void {
    this.stopped = true;
    this.abandoned = true;
  }

  private async visit(): Promise<void> {
    while (!this.stopped) {
      const link = this.links.pop();
      if (link === undefined) throw new Error('There are not enough invitations.');
      await this.answer(link);
      await sleep(20);
    }
  }

  private async answer(link: string): Promise<void> {
    const comments = `Comment ${randomBytes(8).toString('hex')}`;
    const form: [string, string][] = [
      ['overall', '9'],
      ['factors', 'Speed'],
      ['comments', comments],
      ['form', randomBytes(16).toString('base64url')],
    ];
    while (!(await this.send(link, form, comments))) {
      if (this.abandoned) return;
      await sleep(200);
    }
    this.told.acknowledged.push(link);
  }

  /** Whether it was acknowledged. */
  private async send(link: string, form: [string, string][], comments: string): Promise<boolean> {
    const answer = await sendForm(link, form).catch(() => null);
    if (answer === null) {
      this.told.unanswered += 1;
      return false;
    }
    const text = await answer.text().catch(() => '');
    if (answer.status === 503 && text.includes('send it again') && text.includes(comments)) {
      this.told.askedAgain += 1;
    } else if (answer.status !== 303) {
      this.told.odd.push(`${answer.status} ${text.replace(/<[^>]+>|\s+/g, ' ').slice(0, 200)}`);
    }
    return answer.status === 303;
  }
}

/**
 * Of all that customers were told was saved, nothing is missing: one response each, one delivery of it, and it arrived.
 * Answers what was counted.
 */
export async function nothingMissing(
  onlooker: TestWorker,
  organisationId: number,
  told: Told,
  receiver: Receiver,
): Promise<Record<string, number>> {
  expect(told.odd).toEqual([]);
  await eventually(async () => {
    const { rows } = await onlooker.pool.query<{ left: number }>(
      `select (select count(*) from event_pending join event on event.id = event_id where organisation_id = $1)
            + (select count(*) from due_attempt where organisation_id = $1) as left`,
      [organisationId],
    );
    return rows[0]!.left === 0;
  }, 60_000);
  const { rows } = await onlooker.pool.query<{ id: number | null }>(
    `select delivery.id
       from response left join delivery on delivery.organisation_id = response.organisation_id
        and record_type = 'response' and record_id = response.id
      where response.organisation_id = $1`,
    [organisationId],
  );
  expect(rows).toHaveLength(told.acknowledged.length);
  expect(rows).not.toContainEqual({ id: null });
  const ids = rows.map(({ id }) => id!);
  const balance = await balanceOf(onlooker, ids, receiver.requests);
  expect(balance).toMatchObject({ failed: {}, succeeded: ids.length, lost: [], unexplained: [] });
  const { acknowledged, askedAgain, unanswered } = told;
  const { interrupted, duplicates } = balance;
  return { acknowledged: acknowledged.length, askedAgain, unanswered, interrupted, duplicates };
}

/** Links of new invitations, one for each answer. */
export async function surveyPaths(worker: TestWorker, survey: Survey, count: number): Promise<string[]> {
  const paths: string[] = [];
  while (paths.length < count) {
    const made = await Promise.all(Array.from({ length: 50 }, () => buildInvitation(worker, survey)));
    paths.push(...made.map((invitation) => linkPath(worker.context.get(Keyring), invitation)));
  }
  return paths;
}
