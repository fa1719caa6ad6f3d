import { isTicketLink, parseTicketLink, ticketLinkQuery, ticketLinkTemplate } from './ticket-link.js';

const QUERY = 'tc=ts&sc=demo&cpc=QRStuv&tid=INC1&rgid=SDESK&agid=adam&cid=carole&sgid1=NZ&sgid2=IT';

describe('a link that a ticket system builds', () => {
  test('says the ticket and its context', () => {
    expect(parseTicketLink(QUERY)).toEqual({
      surveyCode: 'demo',
      portalCode: 'QRStuv',
      ticketId: 'INC1',
      supportGroupCode: 'SDESK',
      agentId: 'adam',
      customerId: 'carole',
      segmentCode: 'NZ',
      segment2Code: 'IT',
    });
  });

  test('is understood when a mail program wrote &amp; for &', () => {
    expect(parseTicketLink(QUERY.replaceAll('&', '&amp;'))).toEqual(parseTicketLink(QUERY));
    expect(isTicketLink('score=9&amp;tc=ts')).toBe(true);
  });

  test('keeps an encoded ampersand within a value', () => {
    expect(parseTicketLink('tc=ts&tid=A%26B&rgid=R%26amp%3BD')).toMatchObject({
      ticketId: 'A&B',
      supportGroupCode: 'R&amp;D',
    });
  });

  test.each([
    ['the ticket', 'tc=ts&rgid=SDESK'],
    ['the group', 'tc=ts&tid=INC1'],
    ['an empty ticket', 'tc=ts&tid=%20&rgid=SDESK'],
    ['the kind', 'tid=INC1&rgid=SDESK'],
    ['another kind', 'tc=rs&tid=INC1&rgid=SDESK'],
    ['a sane length', `tc=ts&rgid=SDESK&tid=${'x'.repeat(256)}`],
  ])('is none without %s', (_what, query) => {
    expect(parseTicketLink(query)).toBeNull();
  });

  test('becomes text that can be stored, whatever was percent-encoded in it', () => {
    expect(parseTicketLink('tc=ts&tid=a%00b&rgid=50%&agid=%ED%A0%80')).toMatchObject({
      ticketId: 'a\uFFFDb',
      supportGroupCode: '50%',
      agentId: 'í\u00a0\u0080',
    });
  });

  test('in Latin-1 keeps its letters, so that two tickets stay two', () => {
    expect(parseTicketLink('tc=ts&tid=%C41&rgid=R')!.ticketId).toBe('Ä1');
    expect(parseTicketLink('tc=ts&tid=%D61&rgid=R')!.ticketId).toBe('Ö1');
  });

  test('has an optional code cut rather than the answer refused', () => {
    expect(parseTicketLink(`tc=ts&tid=T&rgid=R&sgid1=${'x'.repeat(300)}`)!.segmentCode).toHaveLength(255);
  });

  test('is written and read again without loss', () => {
    const link = parseTicketLink('tc=ts&sc=a&cpc=b&tid=%F0%9F%98%80%26%3D%23&rgid=%2B%20x')!;
    expect(parseTicketLink(ticketLinkQuery(link))).toEqual(link);
  });

  test('has a template with the places a ticket system fills', () => {
    expect(ticketLinkTemplate('https://survey.example', 'demo', 'QRStuv')).toBe(
      'https://survey.example/?tc=ts&sc=demo&cpc=QRStuv' +
        '&tid={tid}&rgid={rgid}&agid={agid}&cid={cid}&sgid1={sgid1}&sgid2={sgid2}',
    );
  });
});
