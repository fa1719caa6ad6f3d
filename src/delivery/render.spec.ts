import { z } from 'zod';
import { RecordCatalogue } from '../records/record-catalogue.js';
import type { RequestDefinition } from '../webhooks/webhook-definition.js';
import type { DeliveredEventRow } from './load.sql.js';
import { render } from './render.js';

const records = new RecordCatalogue();
records.register({
  name: 'ticket',
  label: 'Ticket',
  fields: [],
  references: () => ({ listeningPost: '', ticketId: '' }),
  serialisations: {
    short: {
      contentType: 'text/plain',
      schema: z.string(),
      render: ({ title }, { webhookId, baseUrl }) => `${String(title)} ${webhookId} ${baseUrl}`,
    },
  },
  sample: () => ({}),
  examples: () => [],
});

const event: DeliveredEventRow = { delivery_id: 255, record_type: 'ticket', snapshot: { title: 'Broken' } };

function rendered(about: DeliveredEventRow | undefined, name = 'short') {
  const definition: RequestDefinition = { method: 'POST', url: null, body: { kind: 'serialisation', name } };
  return render(about, definition, records, 'https://answerback.example.com');
}

describe('a request', () => {
  it('is what the record said, with the Webhook ID', () => {
    expect(rendered(event)).toEqual({
      contentType: 'text/plain',
      body: Buffer.from('Broken 00000000000ff https://answerback.example.com'),
    });
  });

  it('cannot be rendered when its event is no longer stored', () => {
    expect(() => rendered(undefined)).toThrow('The event that this delivery tells about is no longer stored.');
  });

  it('cannot be rendered in a form that its record does not have', () => {
    expect(() => rendered(event, 'long')).toThrow('A ticket has no serialisation named "long".');
  });
});
