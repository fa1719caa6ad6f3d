import { z } from 'zod';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { notFoundProblem, type ApiProblem } from '../web/api-problems.js';
import { webhookOff } from './deliveries.operations.js';
import {
  bulkRedeliveriesSchema,
  bulkRedeliverySchema,
  startedSchema,
  wantedSchema,
  type BulkRedeliveryAnswer,
} from './redeliveries.schema.js';
import { BULK_RUNNING, NOTHING_FOUND } from './redelivery-words.js';

export const redeliveriesSection: ApiSectionDescription = {
  name: 'Bulk redeliveries',
  description:
    'A *bulk redelivery* sends many deliveries again, so many a second: a selection, everything that failed, or ' +
    'everything missed while the webhook was switched off. It goes on after a restart, one runs at a time.',
};

const bulk: BulkRedeliveryAnswer = {
  id: 7,
  kind: 'failed',
  from: '2026-11-21T00:00:00.000Z',
  to: '2026-11-22T00:00:00.000Z',
  perSecond: 20,
  found: 120,
  redelivered: 40,
  skipped: 0,
  status: 'running',
  requestedBy: null,
  createdAt: '2026-11-22T02:31:05.120Z',
  endedAt: null,
};

const path = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: 'Its number.', examples: ['7'] }),
});

const unknown = notFoundProblem(
  'your organisation has no bulk redelivery of this number',
  'The bulk redelivery 7 was not found.',
);

const nothingFound: ApiProblem = {
  status: 409,
  code: 'nothing_found',
  when: 'there is nothing to send again',
  message: NOTHING_FOUND,
};

const running: ApiProblem = {
  status: 409,
  code: 'bulk_redelivery_running',
  when: 'another bulk redelivery of your organisation is running',
  message: BULK_RUNNING,
};

export const startRedelivery = apiOperation({
  id: 'startBulkRedelivery',
  summary: 'Send many deliveries again',
  description:
    'Each gets one more attempt under its Webhook ID, with the payload it had; what was missed gets a delivery of its ' +
    'own. With `dryRun`, nothing is sent and the answer tells how many it would be.',
  body: wantedSchema,
  bodyExample: { kind: 'failed', from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z', perSecond: 20 },
  successes: { 200: 'Of a dry run.', 202: 'It has begun.' },
  answer: startedSchema,
  example: { found: 120, redelivery: bulk },
  problems: [nothingFound, running, webhookOff],
});

export const listRedeliveries = apiOperation({
  id: 'listBulkRedeliveries',
  summary: 'List bulk redeliveries',
  successes: { 200: 'The newest bulk redeliveries.' },
  answer: bulkRedeliveriesSchema,
  example: { redeliveries: [bulk] },
});

export const showRedelivery = apiOperation({
  id: 'showBulkRedelivery',
  summary: 'Show a bulk redelivery',
  path,
  successes: { 200: 'How far it is.' },
  answer: bulkRedeliverySchema,
  example: bulk,
  problems: [unknown],
});

export const cancelRedelivery = apiOperation({
  id: 'cancelBulkRedelivery',
  summary: 'Cancel a bulk redelivery',
  description: 'No more deliveries are made due; those that are go on. One that has ended stays as it is.',
  path,
  successes: { 200: 'As it stands now.' },
  answer: bulkRedeliverySchema,
  example: { ...bulk, status: 'cancelled', endedAt: '2026-11-22T02:31:07.120Z' },
  problems: [unknown],
});
