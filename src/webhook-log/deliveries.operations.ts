import { z } from 'zod';
import { webhookIdSchema } from '../delivery/webhook-id.js';
import { apiOperation, type ApiSectionDescription } from '../web/api-operation.js';
import { notFoundProblem, type ApiProblem } from '../web/api-problems.js';
import { deliveriesQuerySchema } from './deliveries.schema.js';
import {
  deliveriesAnswerSchema,
  deliverySchema,
  redeliverySchema,
  type DeliveryAnswer,
  type DeliverySummaryAnswer,
} from './delivery-answer.schema.js';
import { UNDER_WAY } from './redelivery-words.js';

export const deliveriesSection: ApiSectionDescription = {
  name: 'Deliveries',
  description:
    'A *delivery* is one trigger of one webhook: it has a *Webhook ID*, which every attempt of it carries. The log ' +
    'keeps each *attempt* with every HTTP call it took.',
};

const WEBHOOK_ID = 'a65768befa38a';

const summary: DeliverySummaryAnswer = {
  webhookId: WEBHOOK_ID,
  listeningPost: 'transactional',
  status: 'in_progress',
  test: false,
  responseId: 1042,
  ticketId: 'INC123456',
  attemptCount: 1,
  manualAttemptCount: 0,
  interruptedAttemptCount: 0,
  createdAt: '2026-11-22T02:31:05.120Z',
  nextAttemptAt: '2026-11-22T02:36:05.347Z',
  waitingReason: null,
  lastActivityAt: '2026-11-22T02:31:05.132Z',
  lastOutcome: 'rejected',
  lastResponseCode: 503,
  lastResponse: 'Down for maintenance.',
};

const payload = `{"Webhook_ID":"${WEBHOOK_ID}","Response_ID":"1042",…}`;

const delivery: DeliveryAnswer = {
  ...summary,
  payload,
  attempts: [
    {
      number: 1,
      manual: false,
      startedAt: '2026-11-22T02:31:05.132Z',
      durationMs: 215,
      outcome: 'rejected',
      message: 'The receiver answered 503. It is not available at the moment.',
      responseCode: 503,
      exchanges: [
        {
          request: {
            method: 'POST',
            url: 'https://hooks.example.com/answers',
            headers: [
              { name: 'Content-Type', value: 'application/json; charset=utf-8' },
              { name: 'Authorization', value: 'Basic •••' },
              { name: 'webhook-id', value: WEBHOOK_ID },
            ],
            body: payload,
          },
          response: {
            status: 503,
            headers: [{ name: 'content-type', value: 'text/plain' }],
            body: 'Down for maintenance.',
            bodyTruncated: false,
            error: null,
          },
          durationMs: 212,
        },
      ],
    },
  ],
};

const path = z.strictObject({ webhookId: webhookIdSchema });

const unknownDelivery = notFoundProblem(
  'your organisation has no delivery with this Webhook ID',
  `The Webhook ID "${WEBHOOK_ID}" was not found.`,
);

const callUnderWay: ApiProblem = {
  status: 409,
  code: 'call_under_way',
  when: 'a call is being made, or an attempt by hand is due already',
  message: UNDER_WAY,
};

export const webhookOff: ApiProblem = {
  status: 409,
  code: 'webhook_off',
  when: 'the webhook makes no calls: it is off or deleted, or the plan has none; `message` says which',
  message: 'The webhook is switched off. What is due waits until it is switched on again.',
};

export const listDeliveries = apiOperation({
  id: 'listDeliveries',
  summary: 'List deliveries',
  description:
    'The newest deliveries first, by creation. In a query, the `+` of an offset such as `+13:00` is written `%2B`.',
  query: deliveriesQuerySchema,
  successes: { 200: 'A page of the log.' },
  answer: deliveriesAnswerSchema,
  example: { deliveries: [summary], nextCursor: null },
});

export const showDelivery = apiOperation({
  id: 'showDelivery',
  summary: 'Show a delivery',
  description: 'One delivery with its payload and every attempt.',
  path,
  successes: { 200: 'The delivery.' },
  answer: deliverySchema,
  example: delivery,
  problems: [unknownDelivery],
});

export const redeliverDelivery = apiOperation({
  id: 'redeliverDelivery',
  summary: 'Send a delivery again',
  description:
    'Makes one more attempt at once, whatever the delivery’s status, with the same Webhook ID and payload. A success ' +
    'makes the delivery `succeeded` and ends its schedule; a failure leaves status and schedule as they were.',
  path,
  successes: { 202: 'The attempt is about to be made; the delivery tells what comes of it.' },
  answer: redeliverySchema,
  example: { webhookId: WEBHOOK_ID, status: 'due' },
  problems: [unknownDelivery, callUnderWay, webhookOff],
});
