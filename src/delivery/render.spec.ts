import { z } from 'zod';
import { RecordCatalogue } from '../records/record-catalogue.js';
import type { RequestDefinition } from '../webhooks/webhook-definition.js';
import type { RequestRow } from './load.sql.js';
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

const row: RequestRow = {
  id: 255,
  content_type: null,
  body: null,
  record_type: 'ticket',
  snapshots: [{ title: 'Broken' }, { title: 'Later' }],
};

function rendered(changed: Partial<RequestRow>, name = 'short') {
  const definition: RequestDefinition = { method: 'POST', url: null, body: { kind: 'serialisation', name } };
  return render({ ...row, ...changed }, definition, records, 'https://answerback.example.com');
}

describe('a request', () => {
  it('is what the record said, with the Webhook ID', () => {
    expect(rendered({})).toEqual({
      contentType: 'text/plain',
      body: 'Broken 00000000000ff https://answerback.example.com',
    });
  });

  it('cannot be rendered when its event is no longer stored', () => {
    const words = 'The event that this delivery tells about is no longer stored.';
    expect(() => rendered({ snapshots: null })).toThrow(words);
    expect(() => rendered({ snapshots: [] })).toThrow(words);
    expect(() => rendered({ record_type: null })).toThrow(words);
  });

  it('cannot be rendered in a form that its record does not have', () => {
    expect(() => rendered({}, 'long')).toThrow('A ticket has no serialisation named "long".');
  });
});
