import type { Keyring } from '../config/keyring.js';
import type { EntityManager } from '@mikro-orm/postgresql';
import { addSigningSecret } from './signing-secrets.js';
import type { DeliveryPolicy } from './webhook-definition.js';
import { Webhook } from './webhook.entity.js';

export type ListeningPost = 'transactional' | 'relationship';

const names: Readonly<Record<ListeningPost, string>> = {
  transactional: 'Transactional survey webhook',
  relationship: 'Relationship survey webhook',
};

/** How hard it tries. The same for every organisation: receivers are built upon it. */
export const surveyPolicy: DeliveryPolicy = {
  success: 'exactly_200',
  timeoutSeconds: 15,
  retry: { kind: 'survey_waits' },
  obeysRetryAfter: false,
  circuit: null,
  switchesOff: false,
};

/** The two bodies that the survey webhook can have; the page and the API show one yes or no. */
export const surveySerialisations = { plain: 'survey_payload', serviceNow: 'survey_payload_servicenow' } as const;

/** The survey webhook of a listening post. Every organisation has both from its first day. */
export async function surveyWebhook(
  em: EntityManager,
  organisationId: number,
  listeningPost: ListeningPost,
): Promise<Webhook> {
  return em.findOneOrFail(Webhook, { organisationId, preset: `${listeningPost}_survey`, deletedAt: null });
}

/**
 * Makes the survey webhook of Preferences, switched off: a webhook like any other, with preset values.
 * It fires when a survey of its listening post is completed, sends the fixed payload, takes exactly 200
 * for success and keeps to the survey waits. Run it in the transaction that makes the organisation.
 */
export async function createSurveyWebhook(
  em: EntityManager,
  keyring: Keyring,
  organisationId: number,
  listeningPost: ListeningPost,
): Promise<Webhook> {
  const webhook = em.create(Webhook, {
    organisationId,
    name: names[listeningPost],
    preset: `${listeningPost}_survey`,
    enabled: false,
    trigger: {
      recordType: 'response',
      on: ['completed'],
      conditions: [{ field: 'listeningPost', operator: 'equals', value: listeningPost }],
    },
    request: { method: 'POST', url: null, body: { kind: 'serialisation', name: surveySerialisations.plain } },
    policy: surveyPolicy,
  });
  await em.flush();
  await addSigningSecret(em, keyring, webhook);
  return webhook;
}
