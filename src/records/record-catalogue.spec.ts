import { RecordCatalogue } from './record-catalogue.js';
import type { RecordType } from './record-type.js';

function typeNamed(name: string): RecordType {
  return {
    name,
    label: name,
    fields: [],
    references: () => ({ listeningPost: '', ticketId: '' }),
    serialisations: {},
    sample: () => ({}),
    examples: () => [],
  };
}

describe('the catalogue of records', () => {
  it('knows each kind by the name under which it was registered', () => {
    const catalogue = new RecordCatalogue();
    const [response, ticket] = [typeNamed('response'), typeNamed('ticket')];
    catalogue.register(response);
    catalogue.register(ticket);
    expect(catalogue.typeOf('response')).toBe(response);
    expect(catalogue.typeOf('ticket')).toBe(ticket);
  });

  it('calls a name that nobody registered by name', () => {
    expect(() => new RecordCatalogue().typeOf('invoice')).toThrow('No feature registered the record type "invoice".');
  });
});
