import { defineEntity, p } from '@mikro-orm/core';

export const bulkKinds = ['selection', 'failed', 'missed'] as const;
export type BulkKind = (typeof bulkKinds)[number];

const BulkRedeliverySchema = defineEntity({
  name: 'BulkRedelivery',
  tableName: 'bulk_redelivery',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    kind: p.enum(bulkKinds),
    webhookId: p.bigint('number').nullable(),
    deliveryIds: p.json<number[]>().nullable(),
    fromId: p.bigint('number'),
    beforeId: p.bigint('number'),
    perSecond: p.integer(),
    found: p.integer(),
    redelivered: p.integer().default(0),
    skipped: p.integer().default(0),
    doneId: p.bigint('number').default(0),
    status: p.enum(['running', 'done', 'cancelled'] as const).default('running'),
    requestedBy: p.text().nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
    endedAt: p.datetime().nullable(),
  },
});

/** Many deliveries made again, at a rate. Its step is made by whichever process comes first. */
export class BulkRedelivery extends BulkRedeliverySchema.class {}
BulkRedeliverySchema.setClass(BulkRedelivery);

/** What is to be made again. Numbers of deliveries or, of what was missed, of events: from one, below the other. */
export type BulkChoice = Pick<
  BulkRedelivery,
  'organisationId' | 'kind' | 'webhookId' | 'deliveryIds' | 'fromId' | 'beforeId'
>;
