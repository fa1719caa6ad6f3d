import { defineEntity, p } from '@mikro-orm/core';

const SupportGroupSchema = defineEntity({
  name: 'SupportGroup',
  tableName: 'support_group',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    code: p.text(),
    name: p.text(),
  },
});

/** A team that works on tickets. */
export class SupportGroup extends SupportGroupSchema.class {}
SupportGroupSchema.setClass(SupportGroup);

const SegmentSchema = defineEntity({
  name: 'Segment',
  tableName: 'segment',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    code: p.text(),
    name: p.text(),
  },
});

/** A part of the customers: a country, a function. A ticket carries up to two. */
export class Segment extends SegmentSchema.class {}
SegmentSchema.setClass(Segment);
