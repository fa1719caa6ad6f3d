import type { ResponseSnapshot } from './response-snapshot.js';

/** What *Send test* sends: no receiver must take it for a customer's. */
export const sampleSnapshot: ResponseSnapshot = {
  responseId: 0,
  listeningPost: 'transactional',
  status: 'Completed',
  completedAt: '2026-01-31 09:30:00',
  ticketId: 'TEST-TICKET',
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
  comments: 'This is a test from Answerback.\nNo customer wrote it.',
  surveyDescription: 'Test of the survey webhook',
  surveyLanguage: 'English',
};

const transactional: ResponseSnapshot = {
  ...sampleSnapshot,
  responseId: 1042,
  completedAt: '2026-11-22 02:31:05',
  ticketId: 'INC123456',
  comments: 'You guys rock!\nThank you.',
  surveyDescription: 'Survey for DemoCorp',
};

/** A survey that is about no ticket. */
const relationship: ResponseSnapshot = {
  ...transactional,
  responseId: 1043,
  listeningPost: 'relationship',
  ticketId: '',
  supportGroupCode: '',
  supportGroupName: '',
  agentId: '',
  segmentCode: 'NONE',
  segmentName: 'No Segment',
  overall: 6,
  band: 'detractor',
  factors: ['Speed', 'Effort'],
  comments: 'It takes too long.',
  surveyDescription: 'Yearly survey of DemoCorp',
};

/** One for each listening post, for the description of the API. */
export const exampleSnapshots: readonly ResponseSnapshot[] = [transactional, relationship];
