import type { RecordCatalogue } from '../records/record-catalogue.js';
import type { RequestDefinition } from '../webhooks/webhook-definition.js';
import { webhookIdOf } from './webhook-id.js';
import type { RequestRow } from './load.sql.js';

/** A body ready to send. */
export interface RenderedRequest {
  contentType: string;
  body: string;
}

/**
 * Renders what a delivery sends, from the snapshots of its events: whatever changed in the record
 * since, the text tells what happened then.
 * @throws when the definition asks for a serialisation that the record type lacks; the attempt says so.
 */
export function render(
  row: RequestRow,
  definition: RequestDefinition,
  records: RecordCatalogue,
  baseUrl: string,
): RenderedRequest {
  const snapshot = row.snapshots?.[0];
  if (!snapshot || row.record_type === null) {
    throw new Error('The event that this delivery tells about is no longer stored.');
  }
  const serialisation = records.typeOf(row.record_type).serialisations[definition.body.name];
  if (!serialisation) {
    throw new Error(`A ${row.record_type} has no serialisation named "${definition.body.name}".`);
  }
  return {
    contentType: serialisation.contentType,
    body: serialisation.render(snapshot, { webhookId: webhookIdOf(row.id), baseUrl }),
  };
}
