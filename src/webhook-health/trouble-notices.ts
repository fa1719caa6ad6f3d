import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { WEBHOOK_ROLES } from '../accounts/roles.js';
import { DatabasePool } from '../database/database-pool.js';
import { momentIn } from '../web/moment.js';
import { Notices } from '../web/notices.js';
import type { Notice } from '../web/portal-page.js';
import { noticesStatement, type NoticeRow } from './trouble.sql.js';
import { troubleSentence, webhookPath } from './trouble-words.js';

/** Tells on every page of webhooks that were switched off by themselves, or have failed for days. */
@Injectable()
export class TroubleNotices implements OnModuleInit {
  constructor(
    private readonly all: Notices,
    private readonly database: DatabasePool,
  ) {}

  onModuleInit(): void {
    this.all.register({
      roles: WEBHOOK_ROLES,
      notices: async ({ organisation }: AccountRequest) => this.of(organisation!),
    });
  }

  private async of({ id, timeZone }: Organisation): Promise<Notice[]> {
    const rows = await this.database.run<NoticeRow>(noticesStatement, [id]);
    return rows.map((row) => notice(row, timeZone));
  }
}

function notice(row: NoticeRow, timeZone: string): Notice {
  const why = troubleSentence(row.kind, row.failing_since, timeZone);
  const href = webhookPath(row);
  return row.enabled
    ? { text: `The webhook “${row.name}” is in trouble. ${why}`, href, link: 'See what it answers' }
    : {
        text: `The webhook “${row.name}” was switched off on ${momentIn(timeZone, row.switched_off_at!).text}. ${why}`,
        href,
        link: 'See to it',
      };
}
