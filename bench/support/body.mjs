/** The bytes that every competitor posts: the survey payload of the sample response. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { fromBuild } from './ground.mjs';

export async function surveyBody() {
  const { surveyPayload } = await fromBuild('responses/survey-payload.js');
  const { sampleSnapshot } = await fromBuild('responses/response-samples.js');
  return surveyPayload(sampleSnapshot, { webhookId: '0123456789abc', baseUrl: 'http://localhost:3000' });
}

/** The headers that Answerback sends with it, beside those of HTTP itself: names and values in turns, signed once for all. */
export async function surveyHeaders(body) {
  const { productVersion } = await fromBuild('config/product.js');
  const { signatureHeaders } = await fromBuild('outbound/signature.js');
  const signature = signatureHeaders({
    id: '0123456789abc',
    timestampSeconds: Math.floor(Date.now() / 1000),
    body,
    keys: [createSecretKey(randomBytes(32))],
  });
  return [
    ['content-type', 'application/json; charset=utf-8'],
    ['user-agent', `Answerback/${productVersion}`],
    ['authorization', `Basic ${Buffer.from('caller:a pass phrase').toString('base64')}`],
    ...signature,
  ].flat();
}

/** The event that it tells about, as JSON. */
export async function surveySnapshot() {
  const { sampleSnapshot } = await fromBuild('responses/response-samples.js');
  return JSON.stringify(sampleSnapshot);
}
