import { z } from 'zod';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { listeningPosts } from './survey.entity.js';

export const surveysSection: ApiSectionDescription = {
  name: 'Surveys',
  description:
    'What customers are asked: about one ticket (*transactional*), or periodically about a service or a project ' +
    '(*relationship*).',
};

const CODE = '4f1dc2ab60e7';
const TEMPLATE =
  'https://answers.example.com/?tc=ts&sc=4f1dc2ab60e7&cpc=b6b9d0e1f2a3&tid={tid}&rgid={rgid}&agid={agid}&cid={cid}' +
  '&sgid1={sgid1}&sgid2={sgid2}';

const survey = z
  .strictObject({
    code: z.string().meta({ description: 'What invitations and links name it by.', examples: [CODE] }),
    listeningPost: z.enum(listeningPosts).meta({ description: 'The kind of survey.' }),
    description: z.string().meta({ description: 'Its name.', examples: ['Survey for DemoCorp'] }),
    language: z.string().meta({ description: 'The language it is shown in, a language tag.', examples: ['en'] }),
    ticketLinkTemplate: z
      .string()
      .nullable()
      .meta({
        description:
          'The link that a ticket system fills in by itself, percent-encoded: the ticket (`tid`) and the support ' +
          'group’s code (`rgid`), which are required, the agent (`agid`), the customer (`cid`) and up to two segments’ ' +
          'codes (`sgid1`, `sgid2`). Opening such a link writes nothing; the invitation is made with the first answer. ' +
          'Null for a survey that is not about tickets.',
        examples: [TEMPLATE],
      }),
  })
  .meta({ id: 'Survey', description: 'One survey.' });

export const listSurveys = apiOperation({
  id: 'listSurveys',
  summary: 'List surveys',
  description: 'All of the organisation’s surveys, the oldest first.',
  successes: { 200: 'The surveys.' },
  answer: z
    .strictObject({ surveys: z.array(survey).meta({ description: 'The oldest first.' }) })
    .meta({ id: 'Surveys', description: 'All surveys.' }),
  example: {
    surveys: [
      {
        code: CODE,
        listeningPost: 'transactional',
        description: 'Survey for DemoCorp',
        language: 'en',
        ticketLinkTemplate: TEMPLATE,
      },
    ],
  },
});
