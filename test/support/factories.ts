import { Organisation } from '../../src/accounts/organisation.entity.js';
import { Keyring } from '../../src/config/keyring.js';
import { Segment, SupportGroup } from '../../src/directory/directory.entity.js';
import { invite } from '../../src/invitations/invite.js';
import type { Invitation, TicketContext } from '../../src/invitations/invitation.entity.js';
import { ResponseSubmitter, type Answers, type Submitted } from '../../src/responses/submit-response.js';
import { Survey } from '../../src/surveys/survey.entity.js';
import { createSurveyWebhook } from '../../src/webhooks/survey-webhook.js';
import type { DeliveryPolicy } from '../../src/webhooks/webhook-definition.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import type { TestWorker } from './app.js';

let counter = 0;

export interface TestOrganisation {
  organisation: Organisation;
  survey: Survey;
  webhook: Webhook;
}

/** An organisation with the seed's directory, a survey, and its survey webhook switched on towards `url`. */
export async function buildOrganisation(worker: TestWorker, url: string | null): Promise<TestOrganisation> {
  counter += 1;
  const code = `org${process.pid}x${counter}`;
  return worker.orm.em.fork().transactional(async (em) => {
    const organisation = em.create(Organisation, { name: 'DemoCorp', portalCode: code, plan: 'enterprise' });
    await em.flush();
    const organisationId = organisation.id;
    em.create(SupportGroup, { organisationId, code: 'SDESK', name: 'Service Desk' });
    em.create(Segment, { organisationId, code: 'NZ', name: 'New Zealand' });
    const survey = em.create(Survey, {
      organisationId,
      code: 'demo',
      listeningPost: 'transactional',
      description: 'Survey for DemoCorp',
      thankYouText: 'Thank you.',
    });
    const keyring = worker.context.get(Keyring);
    await createSurveyWebhook(em, keyring, organisationId, 'relationship');
    const webhook = await createSurveyWebhook(em, keyring, organisationId, 'transactional');
    webhook.request = { ...webhook.request, url };
    webhook.enabled = url !== null;
    await em.flush();
    return { organisation, survey, webhook };
  });
}

/** A webhook for any API beside the survey webhook: on, towards `url`, and with the policy that such a one begins with. */
export async function buildApiWebhook(
  worker: TestWorker,
  { organisation, webhook }: TestOrganisation,
  url: string,
  policy: Partial<DeliveryPolicy> = {},
): Promise<Webhook> {
  counter += 1;
  const em = worker.orm.em.fork();
  const built = em.create(Webhook, {
    organisationId: organisation.id,
    name: `Tickets ${counter}`,
    enabled: true,
    trigger: webhook.trigger,
    request: { ...webhook.request, url },
    policy: {
      success: 'any_2xx',
      timeoutSeconds: 5,
      retry: { kind: 'waits', seconds: [60, 60, 60] },
      obeysRetryAfter: true,
      circuit: { failures: 20, probeSeconds: 60 },
      switchesOff: true,
      ...policy,
    },
  });
  await em.flush();
  return built;
}

export async function buildInvitation(
  worker: TestWorker,
  survey: Survey,
  details: Partial<Parameters<typeof invite>[3]> = {},
): Promise<Invitation> {
  counter += 1;
  // Of its own also when many are built at once: they are made later, when the counter has gone on.
  const ticketId = `INC${counter}`;
  return worker.orm.em.fork().transactional(async (em) => {
    const { invitation } = await invite(em, worker.context.get(Keyring), survey, {
      ticketId,
      supportGroupCode: 'SDESK',
      agentId: 'adam.agent',
      customerId: 'carole.customer',
      segmentCode: 'NZ',
      ...details,
    });
    return invitation;
  });
}

/** Answers as a customer would, through the use case; the event wakes the worker. */
export async function answer(
  worker: TestWorker,
  survey: Survey,
  invitation: TicketContext & Pick<Invitation, 'language'>,
  answers: Partial<Answers> = {},
  formId: string | null = null,
): Promise<Submitted> {
  return worker.context.get(ResponseSubmitter).submit({
    survey,
    ticket: invitation,
    language: invitation.language,
    answers: { overall: 9, factors: ['Responsiveness'], comments: 'You guys rock!', ...answers },
    formId,
  });
}
