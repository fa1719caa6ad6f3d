import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { describedHeaders } from '../delivery/request-headers.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import type { Serialisation, Snapshot } from '../records/record-type.js';
import { ApiWebhooks, type ApiWebhook, type ApiWebhookExample } from '../web/api-webhooks.js';
import { surveyPolicy, surveySerialisations, type ListeningPost } from '../webhooks/survey-webhook.js';
import { listeningPosts } from './survey-webhooks.js';

const RECORD_TYPE = 'response';
const WEBHOOK_ID = 'a65768befa38a';
const SUCCESS = 200;

/** Tells whoever writes a receiver, in the API's description, what the survey webhooks send and what they make of it. */
@Injectable()
export class SurveyWebhookDescription {
  constructor(
    webhooks: ApiWebhooks,
    private readonly records: RecordCatalogue,
    private readonly environment: Environment,
  ) {
    for (const listeningPost of listeningPosts) {
      webhooks.register(() => this.describe(listeningPost));
    }
  }

  private describe(listeningPost: ListeningPost): ApiWebhook {
    const responses = this.records.typeOf(RECORD_TYPE);
    const plain = responses.serialisations[surveySerialisations.plain]!;
    const wrapped = responses.serialisations[surveySerialisations.serviceNow]!;
    const answer = responses
      .examples()
      .find((snapshot) => responses.references(snapshot).listeningPost === listeningPost)!;
    return {
      id: `${listeningPost}Survey`,
      summary: `A ${listeningPost} survey was completed`,
      description: this.words(listeningPost),
      headers: describedHeaders,
      bodyDescription:
        'UTF-8. The same bytes in every attempt and every resend, whatever has changed since: check the signature over ' +
        'them before you parse them.',
      bodies: [plain.schema, wrapped.schema],
      examples: [
        this.example('answer', 'An answer', plain, answer),
        this.example('serviceNow', 'The same in the ServiceNow wrapper', wrapped, answer),
        this.example('test', 'What *Send test* sends', plain, { ...responses.sample(), listeningPost }),
      ],
      success: { status: SUCCESS, description: 'Received. This status and no other is a success; the body is kept.' },
      otherwise:
        'Not received: any other status, a redirect and 2xx other than 200 included, or no answer within ' +
        `${surveyPolicy.timeoutSeconds} seconds. ${scheduleInWords(this.environment.surveyRetryWaits)}`,
    };
  }

  private words(listeningPost: ListeningPost): string {
    const again = listeningPost === 'transactional' ? ' Answering the same ticket again sends it again.' : '';
    return [
      `Sent by POST to the URL in *Preferences, Integration* when a customer has completed a ${listeningPost} survey. ` +
        `Nothing else sends it.${again}`,
      'Answer as soon as you have stored it and do the work afterwards. An attempt that broke off may have arrived ' +
        'all the same, and a person may press *Resend Webhook*: take a Webhook ID that you know for done already.',
    ].join('\n\n');
  }

  private example(name: string, summary: string, serialisation: Serialisation, of: Snapshot): ApiWebhookExample {
    const text = serialisation.render(of, { webhookId: WEBHOOK_ID, baseUrl: this.environment.baseUrl });
    return { name, summary, value: JSON.parse(text) as unknown };
  }
}

/** "It is tried 5 times in all: at once, then 5, 10, 20 and 40 minutes after the attempt before has failed." */
export function scheduleInWords(waits: readonly number[]): string {
  if (waits.length === 0) {
    return 'It is not tried again by itself.';
  }
  const inMinutes = waits.every((wait) => wait % 60 === 0);
  const numbers = waits.map((wait) => String(inMinutes ? wait / 60 : wait));
  const list = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(numbers);
  return (
    `It is tried ${waits.length + 1} times in all: at once, then ${list} ${inMinutes ? 'minutes' : 'seconds'} after ` +
    'the attempt before has failed.'
  );
}
