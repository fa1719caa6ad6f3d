import { defineEntity, p } from '@mikro-orm/core';

export const plans = ['basic', 'corporate', 'enterprise'] as const;

const OrganisationSchema = defineEntity({
  name: 'Organisation',
  tableName: 'organisation',
  properties: {
    id: p.bigint('number').primary(),
    name: p.text(),
    portalCode: p.text(),
    plan: p.enum(plans),
    timeZone: p.text().default('UTC'),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});

/** A customer of Answerback. */
export class Organisation extends OrganisationSchema.class {
  /** Every kind of webhook needs the Corporate or the Enterprise plan. */
  mayUseWebhooks(): boolean {
    return this.plan !== 'basic';
  }
}
OrganisationSchema.setClass(Organisation);
