import type { Organisation } from '../accounts/organisation.entity.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { troubleSentence, webhookPath, type TroubleKind } from './trouble-words.js';

/** What the admins are told by e-mail. */
export function troubleMail(
  webhook: Pick<Webhook, 'id' | 'name' | 'preset' | 'policy' | 'request'>,
  kind: TroubleKind,
  since: Date,
  { name, timeZone }: Pick<Organisation, 'name' | 'timeZone'>,
  baseUrl: string,
): { subject: string; body: string } {
  const isOff = webhook.policy.switchesOff;
  const host = (webhook.request.url && URL.parse(webhook.request.url)?.host) || 'no URL';
  return {
    subject: isOff ? `The webhook “${webhook.name}” was switched off` : `The webhook “${webhook.name}” is in trouble`,
    body: `${[
      `The webhook “${webhook.name}” of ${name} (to ${host}) ${isOff ? 'was switched off' : 'is in trouble'}. ` +
        troubleSentence(kind, since, timeZone),
      isOff ? OFF : STILL_ON,
      `See what it answered, and see to it:\n${baseUrl}${webhookPath(webhook)}`,
      `You get this mail because you are an admin of ${name} at ${baseUrl}.`,
    ].join('\n\n')}\n`,
  };
}

const OFF =
  'Nothing is sent to it any more. What was due waits, and what happens meanwhile is not lost: once you switch the ' +
  'webhook on again, its page offers to send what it missed.';
const STILL_ON =
  'It stays on and keeps to its schedule: each delivery is tried as often as ever, and then counts as failed. ' +
  'What failed can be sent again from the Webhook Log once the receiver is well.';
