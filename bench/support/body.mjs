/** The bytes that every competitor posts: the survey payload of the sample response. */
import { fromBuild } from './ground.mjs';

export async function surveyBody() {
  const { surveyPayload } = await fromBuild('responses/survey-payload.js');
  const { sampleSnapshot } = await fromBuild('responses/response-samples.js');
  return surveyPayload(sampleSnapshot, { webhookId: '0123456789abc', baseUrl: 'http://localhost:3000' });
}

/** The event that it tells about, as JSON. */
export async function surveySnapshot() {
  const { sampleSnapshot } = await fromBuild('responses/response-samples.js');
  return JSON.stringify(sampleSnapshot);
}
