import { z } from 'zod';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { momentText } from '../web/fields.js';
import { invitationSchema } from './invitation.schema.js';

export const invitationsSection: ApiSectionDescription = {
  name: 'Invitations',
  description: 'An *invitation* is one customer asked about one ticket. It owns an unguessable link.',
};

const invitation = z
  .strictObject({
    ticketId: z.string().meta({ description: 'The ticket.', examples: ['INC123456'] }),
    survey: z.string().meta({ description: 'The survey’s code.', examples: ['4f1dc2ab60e7'] }),
    link: z.string().meta({
      description: 'The customer’s own link, for the ticket system’s mail.',
      format: 'uri',
      examples: ['https://answers.example.com/s/Jtrl1fh7ZXzkmWfRQ09Yf-BGBgn-b-Qw'],
    }),
    language: z.string().meta({ description: 'A language tag.', examples: ['en'] }),
    expiresAt: momentText.nullable().meta({ description: 'When the link ends; null when it never does.' }),
  })
  .meta({ id: 'Invitation', description: 'One customer asked about one ticket.' });

export const inviteCustomer = apiOperation({
  id: 'inviteCustomer',
  summary: 'Invite a customer',
  description: [
    'Makes the invitation of a ticket, or brings it up to date: the same ticket again answers the same link. Then ' +
      'fields that are sent change the invitation, null clears them, those left out keep.',
    'Ticket ids and codes with a damaged character are refused rather than repaired, or two tickets could become one.',
  ].join('\n\n'),
  body: invitationSchema,
  bodyExample: {
    ticketId: 'INC123456',
    supportGroupCode: 'SDESK',
    agentId: 'adam.agent',
    customer: 'carole.customer',
    customerName: 'Carole Customer',
    customerEmail: 'carole.customer@example.com',
    segmentCode: 'NZ',
    language: 'en',
  },
  successes: {
    200: 'The ticket was invited before; its invitation is up to date.',
    201: 'A new invitation.',
  },
  answer: invitation,
  example: {
    ticketId: 'INC123456',
    survey: '4f1dc2ab60e7',
    link: 'https://answers.example.com/s/Jtrl1fh7ZXzkmWfRQ09Yf-BGBgn-b-Qw',
    language: 'en',
    expiresAt: null,
  },
});
