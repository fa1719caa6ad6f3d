import { surveyPolicy } from './survey-webhook.js';
import { sentenceText, webhookSentence, type SentenceSubject } from './webhook-sentence.js';

const survey: SentenceSubject = {
  trigger: {
    recordType: 'response',
    on: ['completed'],
    conditions: [{ field: 'listeningPost', operator: 'equals', value: 'transactional' }],
  },
  request: {
    method: 'POST',
    url: 'https://hooks.example.com/answers?key=secret',
    body: { kind: 'serialisation', name: 'survey_payload' },
  },
  policy: surveyPolicy,
};
const WAITS = [300, 600, 1200, 2400];

describe('the sentence of a webhook', () => {
  it('says what the survey webhook does, its settings strong', () => {
    const parts = webhookSentence(survey, WAITS);
    expect(parts.map(({ text, strong }) => (strong ? `**${text}**` : text)).join('')).toBe(
      'When a **transactional survey** is **completed**, **POST** it to **hooks.example.com** as the ' +
        '**survey payload**, up to **5 times** over **75 minutes**.',
    );
  });

  it('names the ServiceNow wrapper, and a port', () => {
    const request = {
      ...survey.request,
      url: 'http://10.0.0.5:8080/',
      body: { kind: 'serialisation' as const, name: 'survey_payload_servicenow' },
    };
    expect(sentenceText(webhookSentence({ ...survey, request }, WAITS))).toContain(
      'to 10.0.0.5:8080 as the survey payload in a ServiceNow wrapper, up',
    );
  });

  it('says that a URL is missing', () => {
    const text = sentenceText(webhookSentence({ ...survey, request: { ...survey.request, url: null } }, WAITS));
    expect(text).toContain('to a URL that is still to be entered as');
  });

  it.each([
    [[], 'once.'],
    [[1, 1], 'up to 3 times over 2 seconds.'],
    [[90], 'up to 2 times over 90 seconds.'],
    [[60], 'up to 2 times over 1 minute.'],
    [[3600, 7200], 'up to 3 times over 3 hours.'],
    [[0.5], 'up to 2 times over 0.5 seconds.'],
    [[0], 'up to 2 times over 0 seconds.'],
    [[86_400], 'up to 2 times over 1 day.'],
  ])('with waits of %j ends in "%s"', (waits, end) => {
    expect(sentenceText(webhookSentence(survey, waits))).toMatch(new RegExp(`, ${end.replaceAll('.', '\\.')}$`));
  });

  it('takes a webhook’s own waits before those of the environment', () => {
    const policy = { ...survey.policy, retry: { kind: 'waits' as const, seconds: [60] } };
    expect(sentenceText(webhookSentence({ ...survey, policy }, WAITS))).toContain('2 times over 1 minute');
  });

  it('tells what it is about when that is no survey, and each change that triggers it', () => {
    expect(about({ on: ['created', 'updated'] })).toContain('When a transactional survey is created or updated, POST');
    expect(about({ conditions: [] })).toContain('When a survey is completed, POST');
    expect(about({ recordType: 'ticket', conditions: [] })).toContain('When a ticket is completed, POST');
    const elsewhere = [{ field: 'listeningPost', operator: 'not_equals' as const, value: 'relationship' }];
    expect(about({ conditions: elsewhere })).toContain(
      'When a survey is completed and listeningPost is not relationship, POST',
    );
  });

  it('says that a URL which is none is missing', () => {
    const request = { ...survey.request, url: 'nowhere' };
    expect(sentenceText(webhookSentence({ ...survey, request }, WAITS))).toContain('a URL that is still to be entered');
  });

  it('tells further conditions', () => {
    const conditions = [
      ...survey.trigger.conditions,
      { field: 'band', operator: 'equals' as const, value: 'detractor' },
      { field: 'overall', operator: 'not_equals' as const, value: 0 },
    ];
    expect(sentenceText(webhookSentence({ ...survey, trigger: { ...survey.trigger, conditions } }, WAITS))).toContain(
      'is completed and band is detractor and overall is not 0, POST',
    );
  });
});

function about(trigger: Partial<SentenceSubject['trigger']>): string {
  return sentenceText(webhookSentence({ ...survey, trigger: { ...survey.trigger, ...trigger } }, WAITS));
}
