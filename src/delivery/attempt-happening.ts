import type { Happening } from '../web/traces.js';
import type { MadeAttempt } from './deliver.js';
import type { PreparedDelivery } from './prepare.js';
import { webhookIdOf } from './webhook-id.js';

/** An attempt as its trace tells of it. Of the URL the host alone: the rest may be a secret. */
export function attemptHappening(
  { claim, settings }: Pick<PreparedDelivery, 'claim' | 'settings'>,
  attempt: Pick<MadeAttempt, 'startedAt' | 'durationMs' | 'outcome' | 'message' | 'responseCode' | 'succeeded'>,
  traceparent: string,
): Happening {
  const { method, url } = settings.request;
  return {
    name: 'attempt delivery',
    traceparent,
    kind: 'client',
    startedAt: attempt.startedAt,
    endedAt: attempt.startedAt + attempt.durationMs,
    attributes: {
      'answerback.webhook_id': webhookIdOf(claim.deliveryId),
      'answerback.attempt.number': claim.number,
      'answerback.attempt.kind': claim.kind,
      'answerback.attempt.outcome': attempt.outcome,
      'http.request.method': method,
      ...(url === null ? {} : { 'server.address': URL.parse(url)?.hostname ?? '' }),
      ...(attempt.responseCode === null ? {} : { 'http.response.status_code': attempt.responseCode }),
    },
    error: attempt.succeeded ? null : attempt.message,
  };
}
