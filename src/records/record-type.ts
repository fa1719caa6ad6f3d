import type { z } from 'zod';

export type FieldType = 'text' | 'number' | 'boolean' | 'datetime' | 'list';

export interface RecordField {
  name: string;
  label: string;
  type: FieldType;
}

/** The facts of a record at one moment, by field name; stored with the event as JSON. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** What the log shows and filters by, whatever the record is about; '' where a record has no such thing. */
export interface RecordReferences {
  listeningPost: string;
  ticketId: string;
}

export interface SerialisationContext {
  /** The Webhook ID of the delivery, 13 hexadecimal digits. */
  webhookId: string;
  /** Where customers and members reach this installation, without a trailing slash. */
  baseUrl: string;
}

/** A body in a form that is fixed, because receivers of it exist: the survey payload is one. */
export interface Serialisation {
  contentType: string;
  /** What `render` makes, once it is parsed: for receivers. */
  schema: z.ZodType;
  render(snapshot: Snapshot, context: SerialisationContext): string;
}

/** Everything that triggers, templates, logs and pages need to know about a kind of record. */
export interface RecordType {
  name: string;
  label: string;
  fields: readonly RecordField[];
  references(snapshot: Snapshot): RecordReferences;
  serialisations: Readonly<Record<string, Serialisation>>;
  /** A made-up record with every field filled, for tests of a webhook. */
  sample(): Snapshot;
  /** Made-up records as they are in real life, for the description of the API. */
  examples(): readonly Snapshot[];
}
