import { Injectable, type PipeTransform } from '@nestjs/common';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { notFound, type Problem } from '../web/problem.js';

/** The number behind a route's Webhook ID. What is no Webhook ID at all is as unknown as one that nothing has. */
@Injectable()
export class DeliveryIdPipe implements PipeTransform<string, number> {
  transform(webhookId: string): number {
    const id = deliveryIdOf(webhookId);
    if (id === null) {
      throw unknownWebhookId(webhookId);
    }
    return id;
  }
}

export function unknownWebhookId(webhookId: string): Problem {
  return notFound(`The Webhook ID "${webhookId}"`);
}
