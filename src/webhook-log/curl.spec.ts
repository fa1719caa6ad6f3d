import { execFileSync } from 'node:child_process';
import { curlCommand, type CurlRequest } from './curl.js';

const plain: CurlRequest = {
  method: 'POST',
  url: 'https://hooks.example.com/answers',
  headers: [['Content-Type', 'application/json; charset=utf-8']],
  body: '{"a":"b"}',
};

test('a request is a command with one option a line', () => {
  expect(curlCommand(plain)).toBe(
    [
      `curl --request 'POST' \\`,
      `  --globoff 'https://hooks.example.com/answers' \\`,
      `  --header 'Content-Type: application/json; charset=utf-8' \\`,
      `  --data-raw '{"a":"b"}'`,
    ].join('\n'),
  );
});

test.each([
  `it's "fine"`,
  `'; touch /tmp/owned; echo '`,
  '$(id) `id` $HOME ${HOME} !! \\ \\n',
  'two\nlines\r\nand a tab\t',
  '@/etc/passwd',
  "'''\\'''",
  '',
  '😀 <b>&amp;</b> * ? [a-z] {a,b} ~ # %',
])('a shell hands the body %j on as it is', (body) => {
  expect(argumentsOf({ ...plain, body }).at(-1)).toBe(body);
});

test('a shell hands on address and headers as they are, each as one argument', () => {
  const url = `https://hooks.example.com/it's?a=1&b={x}[1-3]$(id)`;
  const sent = argumentsOf({
    ...plain,
    url,
    headers: [
      ['X-Note', `it's $HOME`],
      ['X-Empty', ''],
    ],
    body: null,
  });
  expect(sent).toEqual([
    '--request',
    'POST',
    '--globoff',
    url,
    '--header',
    `X-Note: it's $HOME`,
    '--header',
    'X-Empty;',
  ]);
});

test('credentials are placeholders, whether they were masked before or not', () => {
  const headers = [
    ['Authorization', 'Basic dGVzdDp0ZXN0'],
    ['X-Api-Key', '•••'],
  ] as const;
  const command = curlCommand({ ...plain, url: 'https://h.example/?token=s3cret&a=1&sig=•••', headers });
  expect(command).toContain(`--header 'Authorization: Basic <credentials>'`);
  expect(command).toContain(`--header 'X-Api-Key: <credentials>'`);
  expect(command).toContain(`'https://h.example/?token=<token>&a=1&sig=<sig>'`);
  expect(command).not.toMatch(/dGVzd|s3cret|•/);
});

/** What a real shell makes of the command. */
function argumentsOf(request: CurlRequest): string[] {
  const script = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; }\n${curlCommand(request)}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
