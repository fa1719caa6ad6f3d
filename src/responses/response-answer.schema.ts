import { z } from 'zod';
import { experienceFactors } from '../surveys/factors.js';
import { listeningPosts } from '../surveys/survey.entity.js';
import { momentText } from '../web/fields.js';
import { bands } from './response-filters.js';

/** What the API answers about responses. */

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] });

export const responseSchema = z
  .strictObject({
    responseId: z
      .int()
      .min(1)
      .meta({ description: 'The same when the customer answers again.', examples: [1042] }),
    listeningPost: z.enum(listeningPosts).meta({ description: 'The kind of survey.' }),
    ticketId: text('The ticket; `""` for a survey that is about none.', 'INC123456'),
    supportGroupCode: text('The code of the support group, also one that nobody knows.', 'SDESK'),
    agentId: text('Who worked on the ticket.', 'adam.agent'),
    customer: text('The customer’s id.', 'carole.customer'),
    customerName: text('The customer’s name.', 'Carole Customer'),
    customerEmail: text('The customer’s e-mail address.', 'carole.customer@example.com'),
    segmentCode: text('The code of the segment, `""` for none.', 'NZ'),
    segment2Code: text('The code of the second segment, `""` for none.', ''),
    overall: z
      .int()
      .min(0)
      .max(10)
      .meta({ description: 'The overall score.', examples: [9] }),
    band: z.enum(bands).meta({ description: '9 and 10 are promoters, 7 and 8 passives, 0 to 6 detractors.' }),
    factors: z
      .array(z.enum(experienceFactors))
      .meta({ description: 'The experience factors that were selected.', examples: [['Responsiveness']] }),
    comments: text('What the customer wrote.', 'You guys rock!'),
    surveyDescription: text('The name of the survey.', 'Survey for DemoCorp'),
    language: text('The language that the survey was answered in, a language tag.', 'en'),
    completedAt: momentText.meta({ description: 'When it was answered, the last time.' }),
  })
  .meta({ id: 'Response', description: 'One customer’s answers about one ticket, as they stand now.' });

export const responsesAnswerSchema = z
  .strictObject({
    responses: z.array(responseSchema).meta({ description: 'The newest first, by Response ID.' }),
    nextCursor: z
      .string()
      .regex(/^\d{1,15}$/)
      .nullable()
      .meta({ description: 'Give it as `cursor` to go on; null on the last page.', examples: ['1042'] }),
  })
  .meta({ id: 'Responses', description: 'A page of responses.' });

export type ResponseAnswer = z.output<typeof responseSchema>;
