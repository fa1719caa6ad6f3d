import * as fc from 'fast-check';
import { plainArray, textArray } from '../../src/database/array-parameters.js';
import { DatabasePool } from '../../src/database/database-pool.js';
import { storableText } from '../../src/database/storable-text.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { anyText, holdsAsync, naughtyExamples } from '../support/properties.js';

let database: TestDatabase;
let pool: DatabasePool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new DatabasePool(database.appUrl, { max: 1 });
});
afterAll(async () => {
  await pool?.close();
  await database?.drop();
});

async function asRead(type: string, parameter: unknown): Promise<unknown[]> {
  const text = `select value from unnest($1::${type}[]) with ordinality as given(value, place) order by place`;
  const rows = await pool.run<{ value: unknown }>({ name: `read_${type}`, text }, [parameter]);
  return rows.map(({ value }) => value);
}

describe('an array of text', () => {
  const texts = fc.array(fc.option(anyText.map(storableText)), { maxLength: 20 });

  it('arrives as it was, whatever it holds', async () => {
    await holdsAsync(
      fc.asyncProperty(texts, async (values) => {
        expect(await asRead('text', textArray(values))).toEqual(values);
      }),
      { runs: 200, examples: naughtyExamples.map(([text]) => [[storableText(text), null, storableText(text)]]) },
    );
  });

  it('takes bytes in UTF-8 as the text that they are', async () => {
    const values = ['Grüße', null, '', '😀'];

    const bytes = values.map((value) => (value === null ? null : Buffer.from(value)));

    expect(await asRead('text', textArray(bytes))).toEqual(values);
  });

  it('may be empty', async () => {
    expect(await asRead('text', textArray([]))).toEqual([]);
  });

  it('may be as long as the bodies of a batch', async () => {
    const values = Array.from({ length: 250 }, (_, index) => `${index} ü "\\ `.repeat(1_000));

    expect(await asRead('text', textArray(values))).toEqual(values);
  });
});

describe('an array of what needs no quoting', () => {
  it.each([
    ['integer', [1, -2, null, 2_147_483_647]],
    ['bigint', [116_765_179_248_989, null, Number.MAX_SAFE_INTEGER]],
    ['double precision', [0.1, 1e-7, 1e21, null, 12.345]],
    ['boolean', [true, false, null]],
    ['uuid', ['13e6c5a6-b5ec-49a2-92d5-5e5cf83e0a8d', null]],
    ['text', ['automatic', 'rendering_failed', null]],
    ['integer', []],
  ])('of %s arrives as it was', async (type, values) => {
    expect(await asRead(type, plainArray(values))).toEqual(values);
  });
});
