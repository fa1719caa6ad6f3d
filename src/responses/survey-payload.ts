import { bandOf } from '../surveys/band.js';
import { experienceFactors, type ExperienceFactor } from '../surveys/factors.js';
import type { SerialisationContext } from '../records/record-type.js';
import type { ResponseSnapshot } from './response-snapshot.js';
import type { SurveyPayload } from './survey-payload.schema.js';

/** Every character or pair that Unicode counts as the end of a line (UAX #14, BK, CR, LF and NL). */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

/**
 * The fixed survey payload: one JSON object, keys in this order, every value a string. Source: the
 * published page of the transactional survey webhook, whose sample lacks a comma by misprint.
 */
export function surveyPayload(response: ResponseSnapshot, context: SerialisationContext): string {
  const payload: SurveyPayload = {
    Webhook_ID: context.webhookId,
    Response_ID: String(response.responseId),
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
    ...factorValues(response),
    Overall: String(response.overall),
    Comments: response.comments.replace(LINE_BREAK, '\n'),
    SR_Notes_URL: `${context.baseUrl}/service-recovery-notes?id=${response.responseId}`,
    Survey_Description: response.surveyDescription,
    Survey_Language: response.surveyLanguage,
  };
  return JSON.stringify(payload);
}

function factorValues(response: ResponseSnapshot): Pick<SurveyPayload, ExperienceFactor> {
  return Object.fromEntries(experienceFactors.map((factor) => [factor, String(factorValue(response, factor))])) as Pick<
    SurveyPayload,
    ExperienceFactor
  >;
}

/** A selected factor is praise from a promoter and a complaint from anybody else. */
export function factorValue(
  { overall, factors }: Pick<ResponseSnapshot, 'overall' | 'factors'>,
  factor: string,
): 1 | 0 | -1 {
  if (!factors.includes(factor)) {
    return 0;
  }
  return bandOf(overall) === 'promoter' ? 1 : -1;
}
