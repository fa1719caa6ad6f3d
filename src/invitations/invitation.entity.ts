import { defineEntity, p } from '@mikro-orm/core';

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitation',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    surveyId: p.bigint('number'),
    ticketId: p.text(),
    tokenHash: p.blob().$type<Buffer>().hidden(),
    tokenEncrypted: p.text().hidden(),
    supportGroupCode: p.text(),
    agentId: p.text(),
    customerId: p.text(),
    customerName: p.text(),
    customerEmail: p.text(),
    segmentCode: p.text(),
    segment2Code: p.text().fieldName('segment_2_code'),
    language: p.text(),
    expiresAt: p.datetime().nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});

/** One customer asked about one ticket; owns an unguessable link. */
export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);

/** What a ticket says about itself; '' where it says nothing. */
export interface TicketContext {
  ticketId: string;
  supportGroupCode: string;
  agentId: string;
  customerId: string;
  customerName: string;
  customerEmail: string;
  segmentCode: string;
  segment2Code: string;
}
