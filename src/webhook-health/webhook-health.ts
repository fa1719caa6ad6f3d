import { Injectable } from '@nestjs/common';
import type { Organisation } from '../accounts/organisation.entity.js';
import { DatabasePool } from '../database/database-pool.js';
import { momentIn } from '../web/moment.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { healthView, type HealthView } from './health-view.js';
import {
  missedStatement,
  webhookHealthStatement,
  type MissedRow,
  type WebhookHealthRow,
} from './webhook-health.sql.js';

/** How a webhook is doing, as views/webhooks/_health.hbs shows it. */
@Injectable()
export class WebhookHealth {
  constructor(private readonly database: DatabasePool) {}

  async of(webhook: Webhook, organisation: Organisation): Promise<HealthView> {
    const [row] = await this.database.run<WebhookHealthRow>(webhookHealthStatement, [organisation.id, webhook.id]);
    return healthView(row!, webhook, organisation);
  }

  /** What the webhook missed while it was off last, for whoever switched it on again. */
  async missed(webhook: Webhook, { id, timeZone }: Organisation) {
    const [row] = await this.database.run<MissedRow>(missedStatement, [id, webhook.id]);
    return row
      ? {
          from: momentIn(timeZone, row.began_at),
          to: momentIn(timeZone, row.ended_at),
          href: `/redeliveries?kind=missed&webhook=${webhook.id}`,
        }
      : null;
  }
}
