import { responseRecord } from './response-record.js';
import type { Response } from './response.entity.js';
import { responseSnapshot, type ResponseSnapshot } from './response-snapshot.js';
import { surveyPayload } from './survey-payload.js';

/** The sample of the published page, but for the address and the comma it lacks. */
const published: ResponseSnapshot = {
  responseId: 3690,
  listeningPost: 'transactional',
  status: 'Completed',
  completedAt: '2021-07-29 07:50:52',
  ticketId: 'INC123456',
  supportGroupCode: 'SDESK',
  supportGroupName: 'Service Desk',
  agentId: 'adam.agent',
  segmentCode: 'NZ',
  segmentName: 'New Zealand',
  segment2Code: 'NONE',
  segment2Name: 'No Segment',
  customerId: 'carole.customer',
  customerName: 'Carole Customer',
  customerEmail: 'carole.customer@example.com',
  overall: 9,
  band: 'promoter',
  factors: ['Responsiveness'],
  comments: 'You guys rock!',
  surveyDescription: 'Survey for DemoCorp',
  surveyLanguage: 'English',
};
const context = { webhookId: 'a65768befa38a', baseUrl: 'https://answerback.example.com' };

const publishedText =
  '{"Webhook_ID":"a65768befa38a","Response_ID":"3690","Response_Datetime_UTC":"2021-07-29 07:50:52",' +
  '"Ticket_ID":"INC123456","Support_Group_Code":"SDESK","Support_Group_Name":"Service Desk",' +
  '"Agent_ID":"adam.agent","Segment_Code":"NZ","Segment_Name":"New Zealand","Segment_2_Code":"NONE",' +
  '"Segment_2_Name":"No Segment","Customer":"carole.customer","Responsiveness":"1","Interpersonal":"0",' +
  '"Knowledge":"0","Communication":"0","Speed":"0","Confirmation":"0","Effort":"0","Other":"0","Overall":"9",' +
  '"Comments":"You guys rock!",' +
  '"SR_Notes_URL":"https://answerback.example.com/service-recovery-notes?id=3690",' +
  '"Survey_Description":"Survey for DemoCorp","Survey_Language":"English"}';

describe('the survey payload', () => {
  it('is the published sample, byte for byte', () => {
    expect(payloadOf({})).toBe(publishedText);
  });

  it('is the record’s serialisation without a wrapper, as JSON', () => {
    const plain = responseRecord.serialisations.survey_payload!;

    expect(plain.render(published, context)).toBe(publishedText);
    expect(plain.contentType).toBe('application/json; charset=utf-8');
  });

  it('is wrapped for ServiceNow with exactly the published prefix and suffix', () => {
    const wrapped = responseRecord.serialisations.survey_payload_servicenow!;

    expect(wrapped.render(published, context)).toBe(`{"sysparm_quantity":"1","variables":${publishedText}}`);
    expect(wrapped.contentType).toBe('application/json; charset=utf-8');
    expect(JSON.parse(wrapped.render(published, context)).variables).toEqual(JSON.parse(publishedText));
  });

  it('holds nothing but strings, whatever is absent', () => {
    const payload = JSON.parse(payloadOf({ agentId: '', customerId: '', comments: '', ticketId: '', factors: [] }));

    expect(Object.values(payload).filter((value) => typeof value !== 'string')).toEqual([]);
    expect(payload).toMatchObject({ Agent_ID: '', Customer: '', Comments: '', Ticket_ID: '', Overall: '9' });
  });

  it('takes its keys in the same order whatever order the factors were selected in', () => {
    expect(payloadOf({ factors: ['Other', 'Speed', 'Responsiveness'] })).toContain(
      '"Responsiveness":"1","Interpersonal":"0","Knowledge":"0","Communication":"0","Speed":"1","Confirmation":"0",' +
        '"Effort":"0","Other":"1"',
    );
  });
});

describe('a score', () => {
  it.each([
    [0, '-1'],
    [1, '-1'],
    [6, '-1'],
    [7, '-1'],
    [8, '-1'],
    [9, '1'],
    [10, '1'],
  ])('of %d is a string, and makes a selected factor %s and any other 0', (overall, selected) => {
    expect(payloadOf({ overall, factors: ['Responsiveness', 'Effort'] })).toContain(
      `"Responsiveness":"${selected}","Interpersonal":"0","Knowledge":"0","Communication":"0","Speed":"0",` +
        `"Confirmation":"0","Effort":"${selected}","Other":"0","Overall":"${overall}",`,
    );
  });
});

describe('comments', () => {
  it.each([
    ['quotes', 'She said "no"', String.raw`She said \"no\"`],
    ['backslashes', 'C:\\temp\\new', String.raw`C:\\temp\\new`],
    ['HTML', '<script>alert(1)</script> & </b>', '<script>alert(1)</script> & </b>'],
    ['emoji and other scripts', 'Danke 🎉👩‍👩‍👧 שלום 你好', 'Danke 🎉👩‍👩‍👧 שלום 你好'],
    ['tabs and other controls', 'a\tb\u0001c', String.raw`a\tb\u0001c`],
    ['U+0000', 'a\0b', String.raw`a\u0000b`],
    ['lone surrogates', 'a\ud83d', String.raw`a\ud83d`],
    ['spaces around', '  as typed  ', '  as typed  '],
  ])('with %s stay the customer’s, escaped as JSON', (_what, comments, written) => {
    expect(payloadOf({ comments })).toContain(`"Comments":"${written}","SR_Notes_URL"`);
    expect(JSON.parse(payloadOf({ comments })).Comments).toBe(comments);
  });

  it.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
    ['LF', '\n'],
    ['NEL', '\u0085'],
    ['LS', '\u2028'],
    ['PS', '\u2029'],
    ['VT', '\v'],
    ['FF', '\f'],
  ])('have a line break (%s) written as \\n', (_name, lineBreak) => {
    expect(payloadOf({ comments: `one${lineBreak}two${lineBreak}${lineBreak}four` })).toContain(
      String.raw`"Comments":"one\ntwo\n\nfour"`,
    );
  });

  it('keep LF CR apart: those are two line breaks', () => {
    expect(payloadOf({ comments: 'one\n\rthree\r\r\nfive' })).toContain(String.raw`"Comments":"one\n\nthree\n\nfive"`);
  });
});

describe('the snapshot of a response', () => {
  const response = {
    id: 17,
    listeningPost: 'transactional',
    completedAt: new Date('2026-03-04T05:06:07.999Z'),
    ticketId: 'INC1',
    supportGroupCode: 'NEW',
    agentId: '',
    customerId: '',
    customerName: '',
    customerEmail: '',
    segmentCode: '',
    segment2Code: 'XX',
    overall: 0,
    factors: [],
    comments: '',
    surveyDescription: 'Survey',
    language: 'en',
  } as unknown as Response;
  const names = {
    supportGroupName: '',
    segment: { code: 'NONE', name: 'No Segment' },
    segment2: { code: 'XX', name: '' },
  };

  it('has the time in UTC to the second, cut and not rounded', () => {
    expect(responseSnapshot(response, names).completedAt).toBe('2026-03-04 05:06:07');
  });

  it('keeps codes that nobody knows, with empty names, and says where there is no segment', () => {
    expect(surveyPayload(responseSnapshot(response, names), context)).toContain(
      '"Support_Group_Code":"NEW","Support_Group_Name":"","Agent_ID":"","Segment_Code":"NONE",' +
        '"Segment_Name":"No Segment","Segment_2_Code":"XX","Segment_2_Name":"","Customer":""',
    );
  });

  it('takes a score of 0 for an answer', () => {
    expect(responseSnapshot(response, names)).toMatchObject({ status: 'Completed', overall: 0, band: 'detractor' });
  });

  it.each([
    ['en', 'English'],
    ['de', 'German'],
    ['fr', 'French'],
    ['mi', 'Māori'],
    ['pt-BR', 'Brazilian Portuguese'],
    ['zh-Hans', 'Simplified Chinese'],
    ['ar', 'Arabic'],
    ['no such', 'no such'],
    ['qqq', 'qqq'],
    ['', ''],
  ])('calls the language %p %p, which is English whatever the language', (language, name) => {
    expect(responseSnapshot({ ...response, language }, names).surveyLanguage).toBe(name);
  });
});

function payloadOf(changes: Partial<ResponseSnapshot>): string {
  return surveyPayload({ ...published, ...changes }, context);
}
