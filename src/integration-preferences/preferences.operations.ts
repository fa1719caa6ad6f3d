import { z } from 'zod';
import { webhookIdSchema } from '../delivery/webhook-id.js';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { notFoundProblem, type ApiProblem } from '../web/api-problems.js';
import { PLAN_WITHOUT_WEBHOOKS } from '../webhooks/require-plan.js';
import { preferencesSchema } from './preferences.schema.js';
import { listeningPosts, NO_URL } from './survey-webhooks.js';

export const preferencesSection: ApiSectionDescription = {
  name: 'Integration preferences',
  description:
    'The survey webhook of each listening post as five plain fields. Every organisation has both from its first day, ' +
    'switched off.',
};

const path = z.strictObject({
  listeningPost: z.enum(listeningPosts).meta({ description: 'The kind of survey.', examples: ['transactional'] }),
});

const fields = {
  enabled: z.boolean().meta({ description: 'Whether it makes calls. While it is off, what is due waits.' }),
  url: z
    .string()
    .nullable()
    .meta({ description: 'Where it goes; null for nowhere yet.', examples: ['https://hooks.example.com/answers'] }),
  username: z
    .string()
    .nullable()
    .meta({ description: 'For HTTP Basic authentication; null for none.', examples: ['answerback'] }),
  hasPassword: z.boolean().meta({ description: 'Whether there is a password. It never comes back itself.' }),
  serviceNowWrapper: z.boolean().meta({ description: 'Whether the payload is wrapped for ServiceNow.' }),
};

const preferences = z
  .strictObject(fields)
  .meta({ id: 'IntegrationPreferences', description: 'The survey webhook of one listening post.' });

const changedPreferences = z
  .strictObject({
    ...fields,
    warning: z.string().optional().meta({
      description: 'Why the URL that was saved cannot be reached at the moment. Missing when nothing is wrong.',
    }),
  })
  .meta({ id: 'ChangedIntegrationPreferences', description: 'The survey webhook as it is now.' });

const example: z.output<typeof preferences> = {
  enabled: true,
  url: 'https://hooks.example.com/answers',
  username: 'answerback',
  hasPassword: true,
  serviceNowWrapper: false,
};

const unknownListeningPost = notFoundProblem(
  'there is no such listening post',
  'A listening post "other" was not found.',
);

const planWithoutWebhooks: ApiProblem = {
  status: 403,
  code: 'plan_without_webhooks',
  when: 'the organisation is on the Basic plan',
  message: PLAN_WITHOUT_WEBHOOKS,
};

const noUrl: ApiProblem = { status: 409, code: 'no_url', when: 'no URL is saved', message: NO_URL };

export const showPreferences = apiOperation({
  id: 'showIntegrationPreferences',
  summary: 'Show the survey webhook',
  path,
  successes: { 200: 'The survey webhook.' },
  answer: preferences,
  example,
  problems: [unknownListeningPost],
});

export const changePreferences = apiOperation({
  id: 'changeIntegrationPreferences',
  summary: 'Change the survey webhook',
  description:
    'Takes what *Show the survey webhook* answers, and `password`. A key that is left out keeps its value, null clears ' +
    'it (a switch goes off). Where the host name of the URL cannot be resolved at the moment, the URL is saved all the ' +
    'same and the answer has a `warning`. An address that may not be called is refused, saying why.',
  path,
  body: preferencesSchema,
  bodyExample: {
    enabled: true,
    url: 'https://hooks.example.com/answers',
    username: 'answerback',
    password: 'correct horse battery',
  },
  successes: { 200: 'The survey webhook as it is now.' },
  answer: changedPreferences,
  example,
  problems: [planWithoutWebhooks, unknownListeningPost],
});

export const sendTestDelivery = apiOperation({
  id: 'sendTestDelivery',
  summary: 'Send a test',
  description:
    'Sends a sample payload to the saved URL, through the log, marked as a test; also while the webhook is off.',
  path,
  successes: { 202: 'The test is on its way: its delivery tells what comes of it.' },
  answer: z
    .strictObject({ webhookId: webhookIdSchema })
    .meta({ id: 'TestDelivery', description: 'The delivery of a test.' }),
  example: { webhookId: 'a65768befa38a' },
  problems: [planWithoutWebhooks, unknownListeningPost, noUrl],
});
