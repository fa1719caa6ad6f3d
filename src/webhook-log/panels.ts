import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import { Panels } from '../web/panels.js';
import { DeliveryLog } from './delivery-log.js';
import { statuses, waitsBriefly } from './words.js';
import { TroubleReport } from './trouble.js';

const ROLES = ['admin', 'developer'] as const;
const DELIVERIES_SHOWN = 20;

/** What the log shows on other rooms' pages. */
@Injectable()
export class LogPanels implements OnModuleInit {
  constructor(
    private readonly panels: Panels,
    private readonly log: DeliveryLog,
    private readonly trouble: TroubleReport,
  ) {}

  onModuleInit(): void {
    const log = this.log;
    const trouble = this.trouble;
    this.panels.register('deliveries of a response', {
      roles: ROLES,
      async view({ organisation }: AccountRequest, responseId) {
        const found = await log.newest(organisation!, { responseId }, DELIVERIES_SHOWN + 1);
        return {
          deliveries: found.slice(0, DELIVERIES_SHOWN).map(({ webhookId, row, waitingReason, createdAt }) => ({
            webhookId,
            href: `/webhook-log/${webhookId}`,
            createdAt,
            lastActivity: row.last_activity_at,
            code: row.last_response_code,
            attempts: row.automatic_attempts + row.manual_attempts + row.interrupted_attempts,
            ...statuses[row.status],
            waitingReason: waitsBriefly(waitingReason),
          })),
          moreHref: found.length > DELIVERIES_SHOWN ? `/webhook-log?text=${responseId}` : null,
        };
      },
    });
    this.panels.register('deliveries in trouble', {
      roles: ROLES,
      view: ({ organisation }: AccountRequest) => trouble.of(organisation!),
    });
  }
}
