import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { productVersion } from '../config/product.js';
import { withoutEchoedCredential } from '../outbound/echoed-credential.js';
import { Deadline } from '../outbound/deadline.js';
import { GuardedClient, type Exchange, type OutboundRequest } from '../outbound/guarded-client.js';
import { signatureHeaders } from '../outbound/signature.js';
import { judge, type Verdict } from './attempt-outcome.js';
import type { Claim } from './claim.js';
import type { PreparedDelivery } from './prepare.js';
import type { RenderedRequest } from './render.js';
import { delayed, secondsAskedFor } from './retry-after.js';
import { secondsUntilNextAttempt } from './retry-schedule.js';
import { webhookIdOf } from './webhook-id.js';
import type { WebhookSettings } from './webhook-settings.js';

/** One attempt as it is recorded. */
export interface MadeAttempt extends Verdict {
  claim: Claim;
  exchanges: readonly Exchange[];
  /** When the attempt began, on this process's monotonic clock in milliseconds. */
  startedAt: number;
  durationMs: number;
  /** Seconds to wait before the next automatic attempt; null when there is none. */
  waitSeconds: number | null;
}

/** Makes one attempt. No transaction is open meanwhile, and one deadline covers all of it. */
@Injectable()
export class Deliverer {
  constructor(
    private readonly client: GuardedClient,
    private readonly environment: Environment,
  ) {}

  async deliver({ claim, settings, request }: PreparedDelivery): Promise<MadeAttempt> {
    const startedAt = performance.now();
    const { verdict, exchanges } = await this.attempt(claim, settings, request);
    const askedFor = verdict.succeeded ? null : secondsAskedFor(settings.policy, exchanges.at(-1));
    return {
      ...verdict,
      message: askedFor === null ? verdict.message : `${verdict.message} It asked to wait ${askedFor} s.`,
      claim,
      exchanges,
      startedAt,
      durationMs: Math.round(performance.now() - startedAt),
      waitSeconds: verdict.succeeded
        ? null
        : delayed(
            secondsUntilNextAttempt(settings.policy.retry, claim.spent, this.environment.surveyRetryWaits),
            askedFor,
          ),
    };
  }

  private async attempt(
    claim: Claim,
    settings: WebhookSettings,
    request: PreparedDelivery['request'],
  ): Promise<{ verdict: Verdict; exchanges: Exchange[] }> {
    if ('problem' in request) {
      return unsent('rendering_failed', request.problem);
    }
    if (settings.problem !== null) {
      return unsent('authorization_failed', settings.problem);
    }
    if (settings.request.url === null) {
      return unsent('invalid_request', 'The webhook has no URL. Enter one in Preferences, Integration.');
    }
    const outbound = outboundRequest(claim, settings, request);
    const deadline = new Deadline(settings.policy.timeoutSeconds * 1000);
    // It never rejects.
    const { outcome, exchange } = await this.client.call(outbound, deadline);
    deadline.clear();
    return {
      verdict: judge(outcome, settings.policy.success),
      exchanges: [withoutEchoedCredential(exchange, settings.authorization)],
    };
  }
}

function outboundRequest(
  claim: Claim,
  settings: WebhookSettings,
  { contentType, body }: RenderedRequest,
): OutboundRequest {
  const headers: [string, string][] = [
    ['Content-Type', contentType],
    ['User-Agent', `Answerback/${productVersion}`],
  ];
  if (settings.authorization !== null) {
    headers.push(['Authorization', settings.authorization]);
  }
  if (settings.signingKeys.length > 0) {
    headers.push(...signatureOf(claim, settings, body));
  }
  return { method: settings.request.method, url: settings.request.url!, headers, body };
}

/** The timestamp is the attempt's, not the event's, as Standard Webhooks wants; receivers compare it to their clock. */
function signatureOf(claim: Claim, settings: WebhookSettings, body: Buffer): [string, string][] {
  return signatureHeaders({
    id: webhookIdOf(claim.deliveryId),
    timestampSeconds: Math.floor(Date.now() / 1000),
    body,
    keys: settings.signingKeys,
  });
}

function unsent(outcome: Verdict['outcome'], message: string): { verdict: Verdict; exchanges: Exchange[] } {
  return { verdict: { succeeded: false, outcome, message, responseCode: null }, exchanges: [] };
}
