import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer, JsonSchema, OpenApiDocument, Operation, PathItem } from '../../src/api-description/openapi.js';

export interface GivenAnswer {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  header(name: string): string | undefined;
  body: string;
}

/** The API as its description has it, to hold answers against. */
export class ApiContract {
  private readonly ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  private readonly validators = new Map<JsonSchema, ValidateFunction>();
  private readonly paths: { pattern: RegExp; item: PathItem }[];

  constructor(readonly document: OpenApiDocument) {
    addFormats.default(this.ajv);
    this.ajv.addVocabulary(['components']);
    this.paths = Object.entries(document.paths).map(([path, item]) => ({ pattern: patternOf(path), item }));
  }

  /** What the description does not say, a line each. */
  mismatches(given: GivenAnswer): string[] {
    const operation = this.operationOf(given);
    const found = operation ? this.againstOperation(given, operation) : this.againstNothing(given);
    return found.map((line) => `${given.method} ${given.path} answered ${given.status}: ${line}`);
  }

  /** What is wrong with a value under a schema of the document, a line each. */
  errors(schema: JsonSchema, value: unknown): string[] {
    let validate = this.validators.get(schema);
    if (!validate) {
      // References begin at the root, which is the schema here.
      validate = this.ajv.compile({ ...schema, components: { schemas: this.document.components.schemas } });
      this.validators.set(schema, validate);
    }
    return validate(value) ? [] : validate.errors!.map(inWords);
  }

  /** The answer of an operation under a status, wherever it stands in the document. */
  answerOf(operation: Operation, status: number | string): Answer | undefined {
    const answer = operation.responses[status];
    return answer && '$ref' in answer ? this.document.components.responses[answer.$ref.split('/').at(-1)!] : answer;
  }

  operationOf({ method, path }: Pick<GivenAnswer, 'method' | 'path'>): Operation | undefined {
    const name = (method === 'HEAD' ? 'GET' : method).toLowerCase() as keyof PathItem;
    return this.paths.find(({ pattern }) => pattern.test(path))?.item[name];
  }

  private againstOperation(given: GivenAnswer, operation: Operation): string[] {
    // What HTTP itself makes of a 200 that has not changed.
    if (given.status === 304) {
      return [];
    }
    const answer = this.answerOf(operation, given.status);
    return answer ? this.againstAnswer(given, answer) : ['this status is not described'];
  }

  /** Where there is no operation, there is an error of the usual form; a test's own routes may answer something else. */
  private againstNothing(given: GivenAnswer): string[] {
    if (given.status < 400) {
      return [];
    }
    const { MethodNotAllowed, NotFound } = this.document.components.responses;
    const content = {
      'application/json': { schema: { $ref: '#/components/schemas/Problem' } },
    };
    return this.againstAnswer(given, { ...(given.status === 405 ? MethodNotAllowed! : NotFound!), content });
  }

  private againstAnswer(given: GivenAnswer, { headers = {}, content = {} }: Answer): string[] {
    const found: string[] = [];
    for (const [name, { required, schema }] of Object.entries(headers)) {
      const value = given.header(name);
      const wrong = value === undefined ? (required ? ['is missing'] : []) : this.errors(schema, value);
      found.push(...wrong.map((line) => `header ${name}: ${line}`));
    }
    const type = given.header('content-type') ?? '';
    const media = content[type.split(';')[0]!];
    if (!media || !type.endsWith('; charset=utf-8')) {
      return [...found, `content type "${type}" is not described`];
    }
    if (given.method === 'HEAD') {
      return given.body === '' ? found : [...found, 'HEAD has a body'];
    }
    return [...found, ...this.againstSchema(given, media.schema, type)];
  }

  private againstSchema({ body }: GivenAnswer, schema: JsonSchema, type: string): string[] {
    if (!type.startsWith('application/json')) {
      return this.errors(schema, body);
    }
    try {
      return this.errors(schema, JSON.parse(body));
    } catch {
      return [`the body is not valid JSON: ${body.slice(0, 200)}`];
    }
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`);
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === '' ? 'the body' : instancePath} ${message} ${JSON.stringify(params)}`;
}
