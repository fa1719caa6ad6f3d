import type { RecordCatalogue } from '../records/record-catalogue.js';
import type { RequestDefinition } from '../webhooks/webhook-definition.js';
import { webhookIdOf } from './webhook-id.js';
import type { DeliveredEventRow } from './load.sql.js';

/** What is ready to send. */
export interface RenderedRequest {
  contentType: string;
  /** UTF-8: made into bytes once, to be kept, signed and sent. */
  body: Buffer;
}

/**
 * Renders what a delivery sends, from the snapshot of its event: whatever changed in the record
 * since, the text tells what happened then.
 * @throws when the event is gone, or the definition asks for a serialisation that the record type lacks; the attempt says so.
 */
export function render(
  event: DeliveredEventRow | undefined,
  definition: RequestDefinition,
  records: RecordCatalogue,
  baseUrl: string,
): RenderedRequest {
  if (event === undefined) {
    throw new Error('The event that this delivery tells about is no longer stored.');
  }
  const serialisation = records.typeOf(event.record_type).serialisations[definition.body.name];
  if (!serialisation) {
    throw new Error(`A ${event.record_type} has no serialisation named "${definition.body.name}".`);
  }
  return {
    contentType: serialisation.contentType,
    body: Buffer.from(serialisation.render(event.snapshot, { webhookId: webhookIdOf(event.delivery_id), baseUrl })),
  };
}
