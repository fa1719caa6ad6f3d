import { z } from 'zod';
import { listeningPosts } from '../surveys/survey.entity.js';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { limitField, momentField, textField } from '../web/fields.js';
import { responsesAnswerSchema } from './response-answer.schema.js';

export const responsesSection: ApiSectionDescription = {
  name: 'Responses',
  description:
    'A *response* is one customer’s answers. A customer who answers again within 30 days replaces the answer under the ' +
    'same `responseId`, with a later `completedAt`.',
};

const exactly = (description: string, example: string) =>
  textField(255)
    .optional()
    .meta({ description, examples: [example] });

const query = z.strictObject({
  ticketId: exactly('Responses about exactly this ticket.', 'INC123456'),
  supportGroupCode: exactly('Responses about tickets of this support group.', 'SDESK'),
  agentId: exactly('Responses about this agent’s work.', 'adam.agent'),
  customer: exactly('Responses of this customer.', 'carole.customer'),
  listeningPost: z.enum(listeningPosts).optional().meta({ description: 'Responses to this kind of survey.' }),
  completedFrom: momentField.optional().meta({ description: 'Completed at this moment or later.' }),
  completedTo: momentField.optional().meta({ description: 'Completed before this moment.' }),
  limit: limitField,
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be the nextCursor of an earlier answer.' })
    .transform(Number)
    .optional()
    .meta({ description: 'Goes on behind an earlier answer: its `nextCursor`.', examples: ['1042'] }),
});

export const listResponses = apiOperation({
  id: 'listResponses',
  summary: 'List responses',
  description: 'The newest first, by Response ID. In a query, the `+` of an offset such as `+13:00` is written `%2B`.',
  query,
  successes: { 200: 'A page of responses.' },
  answer: responsesAnswerSchema,
  example: {
    responses: [
      {
        responseId: 1042,
        listeningPost: 'transactional',
        ticketId: 'INC123456',
        supportGroupCode: 'SDESK',
        agentId: 'adam.agent',
        customer: 'carole.customer',
        customerName: 'Carole Customer',
        customerEmail: 'carole.customer@example.com',
        segmentCode: 'NZ',
        segment2Code: '',
        overall: 9,
        band: 'promoter',
        factors: ['Responsiveness'],
        comments: 'You guys rock!',
        surveyDescription: 'Survey for DemoCorp',
        language: 'en',
        completedAt: '2026-11-22T02:31:05.000Z',
      },
    ],
    nextCursor: '1042',
  },
});
