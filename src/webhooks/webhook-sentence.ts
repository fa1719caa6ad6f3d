import type { DeliveryPolicy, RequestDefinition, Trigger } from './webhook-definition.js';
import { surveySerialisations } from './survey-webhook.js';

/** What a webhook does, as its settings say. */
export interface SentenceSubject {
  trigger: Trigger;
  request: RequestDefinition;
  policy: DeliveryPolicy;
}

/** A piece of the sentence; what the settings decide is strong. */
export interface SentencePart {
  text: string;
  strong: boolean;
}

/**
 * The webhook in one sentence: "When a **transactional survey** is **completed**, **POST** it to
 * **hooks.example.com** as the **survey payload**, up to **5 times** over **75 minutes**."
 *
 * @param surveyRetryWaits the waits, in seconds, of webhooks that keep to those of the environment
 */
export function webhookSentence(
  { trigger, request, policy }: SentenceSubject,
  surveyRetryWaits: readonly number[],
): SentencePart[] {
  return [
    plain('When a '),
    strong(recordIn(trigger)),
    plain(' is '),
    strong(trigger.on.join(' or ')),
    ...otherConditions(trigger),
    plain(', '),
    strong(request.method),
    plain(' it to '),
    strong(hostOf(request.url)),
    plain(' as the '),
    strong(bodyNames[request.body.name] ?? request.body.name),
    plain(', '),
    ...effort(policy.retry.kind === 'survey_waits' ? surveyRetryWaits : policy.retry.seconds),
    plain('.'),
  ];
}

export function sentenceText(parts: readonly SentencePart[]): string {
  return parts.map((part) => part.text).join('');
}

const bodyNames: Readonly<Record<string, string>> = {
  [surveySerialisations.plain]: 'survey payload',
  [surveySerialisations.serviceNow]: 'survey payload in a ServiceNow wrapper',
};

function plain(text: string): SentencePart {
  return { text, strong: false };
}

function strong(text: string): SentencePart {
  return { text, strong: true };
}

/** A response to one listening post is what people call a survey of that kind. */
function recordIn(trigger: Trigger): string {
  const post = trigger.conditions.find(namesListeningPost)?.value;
  const record = trigger.recordType === 'response' ? 'survey' : trigger.recordType;
  return post === undefined ? record : `${String(post)} ${record}`;
}

function otherConditions(trigger: Trigger): SentencePart[] {
  return trigger.conditions
    .filter((condition) => !namesListeningPost(condition))
    .flatMap(({ field, operator, value }) => [
      plain(' and '),
      strong(`${field} is ${operator === 'equals' ? '' : 'not '}${String(value)}`),
    ]);
}

function namesListeningPost({ field, operator }: Trigger['conditions'][number]): boolean {
  return field === 'listeningPost' && operator === 'equals';
}

function hostOf(url: string | null): string {
  return (url && URL.parse(url)?.host) || 'a URL that is still to be entered';
}

function effort(waits: readonly number[]): SentencePart[] {
  if (waits.length === 0) {
    return [strong('once')];
  }
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  return [plain('up to '), strong(`${waits.length + 1} times`), plain(' over '), strong(spanInWords(total))];
}

/** In the largest unit that says it exactly: 75 minutes, 3 hours, 90 seconds. */
function spanInWords(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ] as const;
  const [size, unit] = units.find(([length]) => seconds >= length && seconds % length === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
