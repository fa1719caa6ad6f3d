import type { RecordField, RecordType, Snapshot } from '../records/record-type.js';
import { exampleSnapshots, sampleSnapshot } from './response-samples.js';
import type { ResponseSnapshot } from './response-snapshot.js';
import { surveyPayload } from './survey-payload.js';
import { surveyPayloadSchema, wrappedSurveyPayloadSchema } from './survey-payload.schema.js';

export const RESPONSE = 'response';

/** The response as webhooks, conditions and templates see it, in the payload's order. */
const fields = [
  { name: 'responseId', label: 'Response ID', type: 'number' },
  { name: 'listeningPost', label: 'Listening post', type: 'text' },
  { name: 'status', label: 'Status', type: 'text' },
  { name: 'completedAt', label: 'Completed at (UTC)', type: 'datetime' },
  { name: 'ticketId', label: 'Ticket ID', type: 'text' },
  { name: 'supportGroupCode', label: 'Support group code', type: 'text' },
  { name: 'supportGroupName', label: 'Support group name', type: 'text' },
  { name: 'agentId', label: 'Agent ID', type: 'text' },
  { name: 'segmentCode', label: 'Segment code', type: 'text' },
  { name: 'segmentName', label: 'Segment name', type: 'text' },
  { name: 'segment2Code', label: 'Segment 2 code', type: 'text' },
  { name: 'segment2Name', label: 'Segment 2 name', type: 'text' },
  { name: 'customerId', label: 'Customer', type: 'text' },
  { name: 'customerName', label: 'Customer name', type: 'text' },
  { name: 'customerEmail', label: 'Customer e-mail', type: 'text' },
  { name: 'overall', label: 'Overall', type: 'number' },
  { name: 'band', label: 'Band', type: 'text' },
  { name: 'factors', label: 'Experience factors', type: 'list' },
  { name: 'comments', label: 'Comments', type: 'text' },
  { name: 'surveyDescription', label: 'Survey description', type: 'text' },
  { name: 'surveyLanguage', label: 'Survey language', type: 'text' },
] as const satisfies readonly RecordField[];

export const responseRecord: RecordType = {
  name: RESPONSE,
  label: 'Survey response',
  fields,
  references: (snapshot: Snapshot) => {
    const { listeningPost, ticketId } = snapshot as ResponseSnapshot;
    return { listeningPost, ticketId };
  },
  serialisations: {
    survey_payload: {
      contentType: 'application/json; charset=utf-8',
      schema: surveyPayloadSchema,
      render: (snapshot, context) => surveyPayload(snapshot as ResponseSnapshot, context),
    },
    survey_payload_servicenow: {
      contentType: 'application/json; charset=utf-8',
      schema: wrappedSurveyPayloadSchema,
      render: (snapshot, context) => wrapForServiceNow(surveyPayload(snapshot as ResponseSnapshot, context)),
    },
  },
  sample: () => sampleSnapshot,
  examples: () => exampleSnapshots,
};

/** What ServiceNow's catalogue API expects around the payload; the text itself stays as it is. */
function wrapForServiceNow(payload: string): string {
  return `{"sysparm_quantity":"1","variables":${payload}}`;
}
