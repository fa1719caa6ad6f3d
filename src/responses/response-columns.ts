import { bandOf } from '../surveys/band.js';
import { experienceFactors } from '../surveys/factors.js';
import { languageName } from '../surveys/language.js';
import type { CsvCell } from '../web/csv.js';
import type { ExportedResponse } from './response-export.js';
import { bandLabels } from './response-view.js';
import { factorValue } from './survey-payload.js';

type Column = readonly [name: string, cell: (row: ExportedResponse) => CsvCell];

/** In the words and the order of the survey payload, where it has them. Scripts find a column by its name. */
const columns: readonly Column[] = [
  ['Response ID', (row) => row.id],
  ['Completed at (UTC)', (row) => row.completed_at.toISOString()],
  ['Listening post', (row) => row.listening_post],
  ['Ticket ID', (row) => row.ticket_id],
  ['Support group code', (row) => row.support_group_code],
  ['Support group name', (row) => row.support_group_name],
  ['Agent ID', (row) => row.agent_id],
  ['Segment code', (row) => row.segment_code],
  ['Segment name', (row) => row.segment_name],
  ['Segment 2 code', (row) => row.segment_2_code],
  ['Segment 2 name', (row) => row.segment_2_name],
  ['Customer', (row) => row.customer_id],
  ['Customer name', (row) => row.customer_name],
  ['Customer e-mail', (row) => row.customer_email],
  ...experienceFactors.map((factor): Column => [factor, (row) => factorValue(row, factor)]),
  ['Overall', (row) => row.overall],
  ['Band', (row) => bandLabels[bandOf(row.overall)]],
  ['Comments', (row) => row.comments],
  ['Survey description', (row) => row.survey_description],
  ['Survey language', (row) => languageName(row.language)],
];

export const exportHeader: readonly string[] = columns.map(([name]) => name);

/** A response under that header. */
export function exportRecord(row: ExportedResponse): CsvCell[] {
  return columns.map(([, cell]) => cell(row));
}
