import * as fc from 'fast-check';
import { anyText, holds, naughtyExamples } from '../../test/support/properties.js';
import { experienceFactors } from '../surveys/factors.js';
import { responseRecord } from './response-record.js';
import type { ResponseSnapshot } from './response-snapshot.js';

/** Of the published page, in its order. */
const KEYS =
  'Webhook_ID Response_ID Response_Datetime_UTC Ticket_ID Support_Group_Code Support_Group_Name Agent_ID Segment_Code ' +
  'Segment_Name Segment_2_Code Segment_2_Name Customer Responsiveness Interpersonal Knowledge Communication Speed ' +
  'Confirmation Effort Other Overall Comments SR_Notes_URL Survey_Description Survey_Language';

const snapshot: fc.Arbitrary<ResponseSnapshot> = fc.record({
  responseId: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  listeningPost: anyText,
  status: anyText,
  completedAt: anyText,
  ticketId: anyText,
  supportGroupCode: anyText,
  supportGroupName: anyText,
  agentId: anyText,
  segmentCode: anyText,
  segmentName: anyText,
  segment2Code: anyText,
  segment2Name: anyText,
  customerId: anyText,
  customerName: anyText,
  customerEmail: anyText,
  overall: fc.integer({ min: 0, max: 10 }),
  band: anyText,
  factors: fc.oneof(fc.subarray([...experienceFactors]), fc.array(anyText)),
  comments: anyText,
  surveyDescription: anyText,
  surveyLanguage: anyText,
});

const context = { webhookId: '1a2b3c4d5e6f7', baseUrl: 'https://answers.example.com' };

/** Written out again from the description, so that a slip in the code is not repeated here. */
function expected(response: ResponseSnapshot): Record<string, string> {
  const praise = response.overall === 9 || response.overall === 10 ? '1' : '-1';
  return {
    Webhook_ID: context.webhookId,
    Response_ID: `${response.responseId}`,
    Response_Datetime_UTC: response.completedAt,
    Ticket_ID: response.ticketId,
    Support_Group_Code: response.supportGroupCode,
    Support_Group_Name: response.supportGroupName,
    Agent_ID: response.agentId,
    Segment_Code: response.segmentCode,
    Segment_Name: response.segmentName,
    Segment_2_Code: response.segment2Code,
    Segment_2_Name: response.segment2Name,
    Customer: response.customerId,
    ...Object.fromEntries(experienceFactors.map((name) => [name, response.factors.includes(name) ? praise : '0'])),
    Overall: `${response.overall}`,
    Comments: withLineFeeds(response.comments),
    SR_Notes_URL: `https://answers.example.com/service-recovery-notes?id=${response.responseId}`,
    Survey_Description: response.surveyDescription,
    Survey_Language: response.surveyLanguage,
  };
}

function withLineFeeds(text: string): string {
  let written = '';
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const isHalfOfCrlf = unit === 0x0d && text.charCodeAt(index + 1) === 0x0a;
    const isBreak = (unit >= 0x0a && unit <= 0x0d) || unit === 0x85 || unit === 0x2028 || unit === 0x2029;
    written += isHalfOfCrlf ? '' : isBreak ? '\n' : text.charAt(index);
  }
  return written;
}

function render(serialisation: string, response: ResponseSnapshot): string {
  return responseRecord.serialisations[serialisation]!.render(response, context);
}

describe('the survey payload of any response', () => {
  test('is JSON that says what was typed, all of it text, its keys in order', () => {
    holds(
      fc.property(snapshot, (response) => {
        const parsed = JSON.parse(render('survey_payload', response)) as Record<string, unknown>;
        expect(Object.keys(parsed).join(' ')).toBe(KEYS);
        expect(parsed).toEqual(expected(response));
      }),
      { runs: 2_000 },
    );
  });

  test('is one line of whole characters, so that its bytes are its text', () => {
    holds(
      fc.property(snapshot, (response) => {
        const text = render('survey_payload', response);
        // oxlint-disable-next-line no-control-regex -- raw control characters are what must not be there
        expect(text).not.toMatch(/[\0-\u001f]/);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      { runs: 1_000 },
    );
  });

  test('stays what it is within ServiceNow’s wrapper', () => {
    holds(
      fc.property(snapshot, (response) => {
        const payload = render('survey_payload', response);
        const wrapped = render('survey_payload_servicenow', response);
        expect(wrapped).toBe(`{"sysparm_quantity":"1","variables":${payload}}`);
        expect(JSON.parse(wrapped)).toEqual({ sysparm_quantity: '1', variables: expected(response) });
      }),
      { runs: 1_000 },
    );
  });

  test('says every naughty string that a comment or a name can be', () => {
    const sample = responseRecord.sample() as ResponseSnapshot;
    holds(
      fc.property(anyText, (text) => {
        const response = { ...sample, comments: text, supportGroupName: text, ticketId: text };
        expect(JSON.parse(render('survey_payload', response))).toEqual(expected(response));
      }),
      { runs: 500, examples: naughtyExamples },
    );
  });
});
