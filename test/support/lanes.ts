import type { DatabasePool } from '../../src/database/database-pool.js';
import type { TestOrganisation } from './factories.js';

/** Makes lanes of an organisation: webhooks like its first one, and what is due of them. */
export class TestLanes {
  constructor(
    private readonly pool: DatabasePool,
    private readonly organisation: TestOrganisation,
  ) {}

  /** Webhooks that are on, oldest first. */
  async webhooks(count: number, { maximumConcurrency = 16 } = {}): Promise<number[]> {
    const { rows } = await this.pool.query<{ id: number }>(
      `insert into webhook (organisation_id, name, enabled, trigger, request, policy, maximum_concurrency)
       select organisation_id, 'Copy', true, trigger, request, policy, $2
         from webhook cross join generate_series(1, $3) where id = $1 returning id`,
      [this.organisation.webhook.id, maximumConcurrency, count],
    );
    return rows.map(({ id }) => id).toSorted((one, other) => one - other);
  }

  /** Rows of the queue alone: a claim looks at nothing else. Answers their deliveries. */
  async due(webhookId: number, count: number, { secondsAgo = 0, test = false } = {}): Promise<number[]> {
    const { rows } = await this.pool.query<{ delivery_id: number }>(
      `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
       select next_delivery_id(), 'automatic', $1, $2, $3, clock_timestamp() - make_interval(secs => $4), 1
         from generate_series(1, $5) returning delivery_id`,
      [this.organisation.organisation.id, webhookId, test, secondsAgo, count],
    );
    return rows.map((row) => row.delivery_id);
  }
}
