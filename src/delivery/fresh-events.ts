import { Injectable } from '@nestjs/common';
import type { PendingEventRow } from './dispatch.sql.js';
import type { DeliveredEventRow } from './load.sql.js';

/** As many as one process calls at once; what is beyond is read again when it is claimed. */
const MOST_KEPT = 512;

/**
 * The events of deliveries that this process made a moment ago and, as a rule, is about to call. They need not be read again
 * for it: an event never changes. Whatever another process claims first is forgotten after a while.
 */
@Injectable()
export class FreshEvents {
  private readonly kept = new Map<number, DeliveredEventRow>();

  keep(deliveryId: number, { record_type, snapshot }: PendingEventRow): void {
    this.kept.set(deliveryId, { delivery_id: deliveryId, record_type, snapshot });
    if (this.kept.size > MOST_KEPT) {
      const [oldest] = this.kept.keys();
      this.kept.delete(oldest!);
    }
  }

  /** Gives it out, once. */
  take(deliveryId: number): DeliveredEventRow | undefined {
    const event = this.kept.get(deliveryId);
    this.kept.delete(deliveryId);
    return event;
  }
}
