import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { holds, naughtyExamples, wholeText } from '../../test/support/properties.js';
import { BYTE_ORDER_MARK, csvRecord, type CsvCell } from './csv.js';

/** OWASP, "CSV Injection", and ASVS 5.0, 1.2.10: what must not begin a cell. */
const BEGINS_FORMULA = /^[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]/;

const cell = fc.oneof<fc.Arbitrary<CsvCell>[]>(wholeText, fc.integer(), fc.constantFrom(-1, 0, 1));

describe('a CSV record', () => {
  test('is read by another reader as it was written, but for the apostrophes', () => {
    holds(
      fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 }), (records) => {
        expect(readBack(records).map((record) => record.map(withoutApostrophe))).toEqual(
          records.map((record) => record.map(String)),
        );
      }),
      { runs: 3_000 },
    );
  });

  test('has no text that a spreadsheet runs, blanks in front or not', () => {
    holds(
      fc.property(wholeText, (text) => {
        const [read] = readBack([[text, 'x']]);
        expect(read![0]).not.toMatch(BEGINS_FORMULA);
        expect(read![0]!.replace(/^[\s\0]+/, '')).not.toMatch(/^[=+\-@＝＋－＠]/);
      }),
      { runs: 3_000, examples: naughtyExamples },
    );
  });

  test('leaves alone a text that begins with anything else', () => {
    holds(
      fc.property(wholeText, (text) => {
        fc.pre(/^[^'\s\0=+\-@＝＋－＠]/.test(text));
        expect(readBack([[text, 'x']])[0]![0]).toBe(text);
      }),
      { runs: 3_000 },
    );
  });

  test('is whole characters in UTF-8, and one line more than the line breaks in it', () => {
    holds(
      fc.property(fc.array(wholeText, { minLength: 1 }), (texts) => {
        const record = csvRecord(texts);
        expect(record.endsWith('\r\n')).toBe(true);
        const outside = record.replace(/"(?:[^"]|"")*"/g, '');
        expect(outside.slice(0, -2)).not.toMatch(/[\r\n"]/);
      }),
      { runs: 1_000, examples: naughtyExamples.map(([text]): [string[]] => [[text]]) },
    );
  });
});

describe('the apostrophe', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+64 9 123', "'+64 9 123"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\rx', `"'\rx"`],
    ['\nx', `"'\nx"`],
    ['\0=1', "'\0=1"],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ["'=1", "''=1"],
    ["'t Hart", "'t Hart"],
    ['1-1', '1-1'],
    ['a=b', 'a=b'],
  ])('before %j: %j', (text, written) => {
    expect(csvRecord([text, 1])).toBe(`${written},1\r\n`);
  });

  test('stands before no number, negative ones included', () => {
    expect(csvRecord([-1, 0, 1.5, 3690])).toBe('-1,0,1.5,3690\r\n');
  });
});

function readBack(records: readonly (readonly CsvCell[])[]): string[][] {
  return parse(BYTE_ORDER_MARK + records.map(csvRecord).join(''), { bom: true, record_delimiter: '\r\n' });
}

/** What docs/exports.md tells programs to do. */
function withoutApostrophe(text: string): string {
  return text.startsWith("'") && /^'+(?:[\t\r\n\0]|[\s\0]*[=+\-@＝＋－＠])/.test(text) ? text.slice(1) : text;
}
