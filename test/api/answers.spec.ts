import { Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import supertest from 'supertest';
import { z } from 'zod';
import { ApiOperation, ApiSection, apiOperation } from '../../src/web/api-operation.js';
import { Problem } from '../../src/web/problem.js';
import { takeMismatches } from '../support/api-answers.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startWeb, type TestWeb } from '../support/web.js';

const described = apiOperation({
  id: 'tellNumber',
  summary: 'Tell a number',
  open: true,
  successes: { 200: 'The number.' },
  answer: z.strictObject({ number: z.int(), at: z.string().meta({ format: 'date-time' }) }),
  example: { number: 1, at: '2026-11-22T02:31:05.120Z' },
});

const wrongAnswers: Record<string, unknown> = {
  text: { number: 'one', at: '2026-11-22T02:31:05.120Z' },
  more: { number: 1, at: '2026-11-22T02:31:05.120Z', secret: true },
  less: { number: 1 },
  format: { number: 1, at: 'yesterday' },
};

let asked = '';

/** A route that does not keep to what it says. */
@Controller('api/test/number')
@ApiSection({ name: 'Test', description: 'Only here.' })
class LiarController {
  @Get()
  @ApiOperation(described)
  async tell(@Res({ passthrough: true }) response: Response) {
    if (asked === 'code') throw new Problem(409, 'new_code', 'Nobody described this.');
    if (asked === 'known status') throw new Problem(422, 'new_code', 'Nobody described this code.');
    if (asked === 'status') response.status(204);
    if (asked === 'type') response.type('text/plain');
    return (wrongAnswers[asked] ?? { number: 1, at: '2026-11-22T02:31:05.120Z' }) as { number: number; at: string };
  }

  @Post('undescribed')
  @HttpCode(418)
  undescribed(): object {
    return { teapot: true };
  }
}

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, {}, [LiarController]);
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

async function mismatchesOf(question: string, method: 'get' | 'head' = 'get'): Promise<string[]> {
  asked = question;
  await supertest(web.url)[method]('/api/test/number');
  return takeMismatches();
}

describe('an answer of a test is held against the description', () => {
  it.each(['get', 'head'] as const)('and passes when it is as described, by %s', async (method) => {
    expect(await mismatchesOf('', method)).toEqual([]);
  });

  it.each([
    ['text', 'GET /api/test/number answered 200: /number must be integer {"type":"integer"}'],
    ['more', 'GET /api/test/number answered 200: the body must NOT have additional properties'],
    ['less', `GET /api/test/number answered 200: the body must have required property 'at'`],
    ['format', 'GET /api/test/number answered 200: /at must match format "date-time"'],
    ['code', 'GET /api/test/number answered 409: this status is not described'],
    ['known status', 'GET /api/test/number answered 422: /code must be equal to one of the allowed values'],
    ['status', 'GET /api/test/number answered 204: this status is not described'],
    ['type', 'GET /api/test/number answered 200: content type "text/plain; charset=utf-8" is not described'],
  ])('and found out when it has another %s', async (question, line) => {
    const [mismatch, ...more] = await mismatchesOf(question);
    expect(mismatch).toContain(line);
    expect(more).toEqual([]);
  });

  it('and where nothing is described, an error must have the form of all errors', async () => {
    await supertest(web.url).post('/api/test/number/undescribed').expect(418);
    expect(takeMismatches()).toEqual([
      expect.stringContaining(`POST /api/test/number/undescribed answered 418: the body must have required`),
      expect.stringContaining('required property'),
      expect.stringContaining('must NOT have additional properties'),
    ]);
    await supertest(web.url).post('/api/test/number').expect(405);
    await supertest(web.url).get('/api/nowhere').expect(404);
  });
});
