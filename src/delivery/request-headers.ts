import { productVersion } from '../config/product.js';
import type { ApiHeader } from '../web/api-webhooks.js';

/** The headers that deliver.ts puts on every call, beside Content-Type and Authorization, for whoever receives them. */
export const describedHeaders: readonly ApiHeader[] = [
  {
    name: 'webhook-id',
    description: 'The Webhook ID: the same in every attempt, so that what came before can be told by it.',
    required: true,
    pattern: '^[0-9a-f]{13}$',
    example: 'a65768befa38a',
  },
  {
    name: 'webhook-timestamp',
    description: 'When this attempt was made, in whole seconds since 1970. Refuse what is older than five minutes.',
    required: true,
    pattern: '^\\d+$',
    example: '1795314665',
  },
  {
    name: 'webhook-signature',
    description:
      'Standard Webhooks 1.0.0: `v1,` and the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>` in base64, ' +
      'under the webhook’s signing secret. While a secret is being replaced there are several, separated by a space: ' +
      'one that fits is enough.',
    required: true,
    pattern: '^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$',
    example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  },
  {
    name: 'User-Agent',
    description: 'Who calls, and in which version.',
    required: true,
    pattern: '^Answerback/\\S+$',
    example: `Answerback/${productVersion}`,
  },
];
