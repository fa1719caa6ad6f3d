import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Answer, JsonSchema, MediaType, OpenApiDocument } from '../../src/api-description/openapi.js';
import { ApiContract } from '../support/api-contract.js';
import { useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;
let document: OpenApiDocument;
let contract: ApiContract;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  const answer = await fetch(`${web.url}/api/openapi.json`);
  expect(answer.headers.get('set-cookie')).toBeNull();
  document = (await answer.json()) as OpenApiDocument;
  contract = new ApiContract(document);
});

describe('the description of the API', () => {
  test('is valid under the published schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document as unknown as Record<string, unknown>);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  test('has every route under /api, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(routesBelowApi(web).toSorted());
  });

  test('gives every operation an id, a section, a summary and at least one success', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const sections = document.tags.map(({ name }) => name);
    for (const { tags, summary, responses } of operations) {
      expect(sections).toContain(tags![0]);
      expect(summary).toMatch(/^[A-Z]/);
      expect(Object.keys(responses).some((status) => Number(status) < 300)).toBe(true);
    }
  });

  test('says something about every parameter, field and schema', () => {
    const silent: string[] = [];
    const visit = (where: string, schema: JsonSchema) => {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const isSelfEvident = ['name', 'code'].includes(name);
        if (!property.description && !property.$ref && !property.items && !isSelfEvident) {
          silent.push(`${where}.${name}`);
        }
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      visit(name, schema);
      if (!schema.description) silent.push(name);
    }
    for (const { operation } of allOperations()) {
      for (const { name, description } of operation.parameters ?? []) {
        if (!description) silent.push(`${operation.operationId} ${name}`);
      }
    }
    expect(silent).toEqual([]);
  });

  test('lets no answer have a key that it does not know', () => {
    const loose = Object.entries(document.components.schemas)
      .filter(([, schema]) => schema.properties && schema.additionalProperties !== false)
      .map(([name]) => name);
    expect(loose).toEqual([]);
  });

  test('has examples that are as it says, for every body and every answer', () => {
    const wrong: string[] = [];
    const check = (where: string, content: Record<string, MediaType> = {}) => {
      for (const [type, { schema, examples }] of Object.entries(content)) {
        if (type === 'application/json' && Object.keys(examples ?? {}).length === 0) {
          wrong.push(`${where} has no example`);
        }
        for (const { value } of Object.values(examples ?? {})) {
          wrong.push(...contract.errors(schema, value).map((error) => `${where}: ${error}`));
        }
      }
    };
    for (const { operation } of allOperations()) {
      check(operation.operationId, operation.requestBody?.content);
      for (const [status, answer] of Object.entries(operation.responses)) {
        check(`${operation.operationId} ${status}`, (answer as Answer).content);
      }
    }
    for (const [name, { content }] of Object.entries(document.components.responses)) {
      check(name, content);
    }
    expect(wrong).toEqual([]);
  });

  test('has examples of single fields and parameters that are as it says', () => {
    const wrong: string[] = [];
    const check = (where: string, schema: JsonSchema) => {
      for (const example of schema.examples ?? []) {
        wrong.push(...contract.errors(schema, example).map((error) => `${where}: ${error}`));
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      for (const [field, property] of Object.entries(schema.properties ?? {})) {
        check(`${name}.${field}`, property);
      }
    }
    for (const { operation } of allOperations()) {
      for (const { name, schema } of operation.parameters ?? []) {
        check(`${operation.operationId} ${name}`, schema);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('refers to nothing that is not there, and has nothing that is not used', () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map((match) => match[1]!));
    const there = Object.entries(document.components)
      .filter(([kind]) => kind !== 'securitySchemes')
      .flatMap(([kind, entries]) => Object.keys(entries).map((name) => `${kind}/${name}`));
    // Answers of addresses that are no operation's.
    const unused = ['responses/NotFound', 'responses/MethodNotAllowed'];
    expect([...used, ...unused].toSorted()).toEqual(there.toSorted());
  });
});

describe('docs/api.md', () => {
  test('lists the same errors as the description', async () => {
    const rows = [...(await readApiDoc()).matchAll(/^\| (\d{3}) +\| `(\w+)` +\|/gm)];
    expect(rows.map(([, status, code]) => `${status} ${code}`).toSorted()).toEqual(describedProblems());
  });

  test('lists the same operations as the description', async () => {
    const rows = [...(await readApiDoc()).matchAll(/^\| `([A-Z]+ \/\S+)` +\|/gm)];
    expect(rows.map(([, operation]) => operation!).toSorted()).toEqual(routesBelowApi(web).toSorted());
  });
});

/** `GET /api/v1/deliveries/{webhookId}`, as the router has them. */
function routesBelowApi({ app }: TestWeb): string[] {
  interface Layer {
    route?: { path: string; methods: Record<string, boolean> };
  }
  const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return router.stack
    .filter(({ route }) => /^\/api(\/|$)/.test(route?.path ?? ''))
    .flatMap(({ route }) =>
      Object.keys(route!.methods).map((method) => `${method.toUpperCase()} ${route!.path.replace(/:(\w+)/g, '{$1}')}`),
    );
}

function allOperations() {
  return [...Object.values(document.paths), ...Object.values(document.webhooks)].flatMap((item) =>
    Object.values(item).map((operation) => ({ operation })),
  );
}

function describedProblems(): string[] {
  const found = new Set<string>();
  const add = (status: number | string, answer: Answer) => {
    for (const code of Object.keys(answer.content?.['application/json']?.examples ?? {})) {
      if (Number(status) >= 400) found.add(`${status} ${code}`);
    }
  };
  for (const answer of Object.values(document.components.responses)) {
    add(answer['x-status']!, answer);
  }
  for (const { operation } of allOperations()) {
    for (const status of Object.keys(operation.responses)) {
      add(status, contract.answerOf(operation, status)!);
    }
  }
  return [...found].toSorted();
}

function readApiDoc(): Promise<string> {
  return readFile(join(import.meta.dirname, '..', '..', 'docs', 'api.md'), 'utf8');
}
