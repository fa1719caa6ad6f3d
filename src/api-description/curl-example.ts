import type { Operation, Parameter } from './openapi.js';

/** An operation as a command for a shell, with the examples of its description. */
export function curlExample(method: string, address: string, operation: Operation): string {
  const [body] = Object.values(operation.requestBody?.content['application/json']?.examples ?? {});
  const parts = [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${quoted(filled(address, operation.parameters))}`,
    ...(operation.security?.length === 0 ? [] : ['-H "Authorization: Bearer $API_KEY"']),
    ...(body ? [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body.value, null, 2))}`] : []),
  ];
  return parts.join(' \\\n  ');
}

function filled(address: string, parameters: readonly Parameter[] = []): string {
  return address.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { schema } = parameters.find((parameter) => parameter.name === name)!;
    return String(schema.examples?.[0]);
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll(`'`, String.raw`'\''`)}'`;
}
