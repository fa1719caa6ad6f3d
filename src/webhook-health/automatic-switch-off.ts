import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { audit } from '../accounts/audit.js';
import { Member } from '../accounts/member.entity.js';
import { Organisation } from '../accounts/organisation.entity.js';
import { Environment } from '../config/environment.js';
import { DatabasePool } from '../database/database-pool.js';
import { MailQueue } from '../notifications/mail-queue.js';
import { Webhook } from '../webhooks/webhook.entity.js';
import { lastingTroubleStatement, takeTroubleSql } from './trouble.sql.js';
import { troubleMail } from './trouble-mail.js';
import type { TroubleKind } from './trouble-words.js';

const LOOK_MS = 2_000;

/**
 * Switches webhooks off whose receivers want no more calls or have failed for days, where their policy says so; of the
 * others it only tells. Once for each trouble, whichever process comes first: all of it is one transaction.
 */
@Injectable()
export class AutomaticSwitchOff implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Webhooks');
  private looking: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly em: EntityManager,
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly mails: MailQueue,
  ) {}

  @Interval(LOOK_MS)
  lookWhenDelivering(): void {
    if (this.environment.roles.delivery && !this.stopping) {
      this.looking ??= this.look()
        .catch((error: Error) => this.logger.error(`Webhooks in trouble are looked at again: ${error.message}`))
        .finally(() => (this.looking = undefined));
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.looking;
  }

  /** Sees to every webhook in lasting trouble. */
  async look(): Promise<void> {
    for (const { id } of await this.database.run<{ id: number }>(lastingTroubleStatement)) {
      await this.em.fork().transactional((em) => this.seeTo(em, id));
    }
  }

  /** Locks the webhook before its trouble, as whoever changes a webhook does. */
  private async seeTo(em: EntityManager, webhookId: number): Promise<void> {
    await em.execute('select 1 from webhook where id = ? for no key update', [webhookId]);
    const webhook = await em.findOneOrFail(Webhook, webhookId);
    if (!webhook.enabled || webhook.deletedAt !== null) {
      return;
    }
    const [trouble] = await em.execute<{ kind: TroubleKind; failing_since: string }[]>(takeTroubleSql, [webhookId]);
    if (!trouble) {
      return;
    }
    const { kind } = trouble;
    if (webhook.policy.switchesOff) {
      await em.execute(
        `update webhook set enabled = false, switched_off_at = clock_timestamp(), switched_off_because = ? where id = ?`,
        [kind, webhookId],
      );
      this.logger.warn(`webhook.switched_off_by_itself webhook=${webhookId} because=${kind}`);
    } else {
      this.logger.warn(`webhook.found_in_trouble webhook=${webhookId} because=${kind}`);
    }
    await this.tell(em, webhook, kind, new Date(trouble.failing_since));
  }

  private async tell(em: EntityManager, webhook: Webhook, kind: TroubleKind, since: Date): Promise<void> {
    const { organisationId, name } = webhook;
    const action = webhook.policy.switchesOff ? 'webhook.switched_off_by_itself' : 'webhook.found_in_trouble';
    await audit(em, { organisationId, actor: null, action, target: name, details: { because: kind } });
    const organisation = await em.findOneOrFail(Organisation, organisationId);
    const admins = await em.find(Member, { organisationId, role: 'admin', removedAt: null });
    await this.mails.add(em, {
      organisationId,
      to: admins.map(({ email }) => email),
      ...troubleMail(webhook, kind, since, organisation, this.environment.baseUrl),
    });
  }
}
