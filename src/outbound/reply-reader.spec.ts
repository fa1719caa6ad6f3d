import { readPieces, readReply as read } from '../../test/support/read-replies.js';

const OK = 'HTTP/1.1 200 OK\r\n';

describe('a reply', () => {
  test.each([204, 304])('of status %d has no body, whatever its headers say', (status) => {
    for (const header of ['', 'content-length: 3\r\n', 'transfer-encoding: chunked\r\n']) {
      expect(read(`HTTP/1.1 ${status} X\r\n${header}\r\n`)).toMatchObject({
        status,
        ended: true,
        body: '',
        keptMs: 4_000,
      });
    }
  });

  test('of no stated length ends with its connection', () => {
    for (const header of ['', 'transfer-encoding: gzip\r\n']) {
      expect(read(`${OK}${header}\r\nabc`)).toMatchObject({ ended: false, body: 'abc' });
      expect(read(`${OK}${header}\r\nabc`, { isClosed: true })).toMatchObject({ ended: true, body: 'abc', keptMs: 0 });
    }
    for (const header of ['content-length: 4', 'transfer-encoding: chunked']) {
      expect(read(`${OK}${header}\r\n\r\nabc`, { isClosed: true })).toMatchObject({ ended: false, keptMs: 0 });
    }
  });

  test('to a HEAD ends with its headers, and its connection with it', () => {
    expect(read(`${OK}content-length: 3\r\n\r\n`, { hasNoBody: true })).toMatchObject({
      ended: true,
      body: '',
      keptMs: 0,
    });
  });
});

describe('what is refused, and why', () => {
  test.each([
    ['HTTP/1.1 99 X\r\n\r\n', 'Invalid response status'],
    ['HTTP/1.1 099 X\r\n\r\n', 'Invalid response status'],
    ['HTTP/1.1 2000 X\r\n\r\n', 'Invalid response status'],
    ['HTTP/1.1  200 X\r\n\r\n', 'Invalid response status'],
    ['HTTP/1.1\r\n\r\n', 'Invalid response status'],
    ['HTTP/1.2 200 X\r\n\r\n', 'Invalid HTTP version'],
    ['HTTP/2 200 X\r\n\r\n', 'Invalid HTTP version'],
    ['HTTP/ 200 X\r\n\r\n', 'Invalid HTTP version'],
    ['HTTP/1.1 200 a\rb\r\n\r\n', 'A line break within the status line'],
    ['HTTP/1.1 200 a\nb\r\n\r\n', 'A line break within the status line'],
    [`${OK}x : y\r\n\r\n`, 'Invalid header name'],
    [`${OK}: y\r\n\r\n`, 'Invalid header name'],
    [`${OK}no colon\r\n\r\n`, 'Invalid header name'],
    [`${OK}x: y\r\n folded\r\n\r\n`, 'A header over two lines'],
    [`${OK}x: a\0b\r\n\r\n`, 'Invalid character in a header'],
    [`${OK}x: a\x7fb\r\n\r\n`, 'Invalid character in a header'],
    [`${OK}x: a\rb\r\n\r\n`, 'Invalid character in a header'],
    [`${OK}content-length: 2\r\nContent-Length: 2\r\n\r\nok`, 'More than one Content-Length'],
    ...['+2', '-2', '2, 2', '', '0x2', '2.0'].map((length) => [
      `${OK}content-length: ${length}\r\n\r\nok`,
      'Invalid character in Content-Length',
    ]),
    [`${OK}content-length: 9007199254740992\r\n\r\n`, 'Content-Length overflow'],
    [`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`, 'Content-Length beside Transfer-Encoding'],
    [`${OK}content-length: 2\r\ntransfer-encoding: identity\r\n\r\n`, 'Content-Length beside Transfer-Encoding'],
    [`${OK}transfer-encoding: chunked, gzip\r\n\r\n`, 'Chunks within another Transfer-Encoding'],
    [
      `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`,
      'Chunks within another Transfer-Encoding',
    ],
    ['HTTP/1.1 200 OK\nx: y\n\n', 'A line ends without CR'],
    [`${OK}x: y\n`, 'A line ends without CR'],
  ])('%j: %s', (text, why) => {
    const { failure, status } = read(text);
    expect({ message: failure?.message, status }).toEqual({
      message: `The answer is not valid HTTP (${why})`,
      status: null,
    });
  });

  test.each([
    ['5\r\nhello!\r\n', 'A chunk is not as long as it says'],
    ['\r\n', 'Invalid character in chunk size'],
    ['5 5\r\n', 'Invalid character in chunk size'],
    ['-5\r\n', 'Invalid character in chunk size'],
    ['0x5\r\n', 'Invalid character in chunk size'],
    ['5;\x01\r\n', 'Invalid character in chunk size'],
    ['20000000000000\r\n', 'Chunk size overflow'],
    [`5;${'a'.repeat(1_023)}\r\n`, 'Chunk line too long'],
    ['a'.repeat(1_025), 'Chunk line too long'],
    ['5\nhello\n', 'A line ends without CR'],
  ])('a body of %j: %s', (body, why) => {
    const { failure, status } = read(`${OK}transfer-encoding: chunked\r\n\r\n${body}`);
    expect(failure?.message).toBe(`The body of the reply is not valid HTTP (${why})`);
    expect(status).toBe(200);
  });

  test.each([
    ['headers', (length: number) => `${`${OK}x: `.padEnd(length, 'y')}\r\n\r\n`],
    ['empty lines', (length: number) => `${`${OK}x: y`.padStart(length, '\n')}\r\n\r\n`],
    [
      'trailers',
      (length: number) => `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${'x: '.padEnd(length, 'y')}\r\n\r\n`,
    ],
    [
      'many trailers',
      (length: number) => `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${'x: yyy\r\n'.repeat(length / 8)}\r\n`,
    ],
  ])('%s of more than 32 KiB', (_what, madeOf) => {
    const limit = 32 * 1024;
    expect(read(madeOf(limit - 8)).failure).toBeNull();
    // As soon as it is known, whether the end has come or not.
    for (const text of [madeOf(limit + 8), madeOf(limit + 8).slice(0, -4)]) {
      expect(read(text).failure?.message).toBe('The headers of the answer are too long');
    }
  });

  // Each of them would keep a processor busy for minutes, where the work grows with the square of the length.
  test('long headers are read in one go, however many there are and however they are cut', () => {
    const spaces = `HTTP/1.1 103 X\r\nx: a${' '.repeat(32_000)}b\r\n\r\n`;
    expect(read(spaces.repeat(100)).failure).toBeNull();
    const lines = Buffer.from(`${OK}${'a:\r\n'.repeat(8_000)}\r\n`);
    expect(readPieces(Array.from(lines, (_, at) => lines.subarray(at, at + 1))).headers).toHaveLength(8_000);
    const empty = Buffer.from('\r\n'.repeat(16_000));
    expect(readPieces(Array.from(empty, (_, at) => empty.subarray(at, at + 1))).failure).toBeNull();
  });

  test('what does not begin as HTTP is not heard to its end', () => {
    for (const text of [
      'S',
      'HTT!',
      'HTTP\r\n\r\n',
      'http/1.1 200 OK\r\n\r\n',
      '220 mail.example.com ESMTP\r\n',
      '\r\n<html>',
    ]) {
      expect(read(text).failure?.message).toBe(
        'What answered does not speak HTTP. Another kind of service may listen on this port',
      );
    }
    for (const text of ['', 'H', 'HTTP/', 'HTTP/1.1 20']) expect(read(text).failure).toBeNull();
  });
});

describe('how long the connection is kept', () => {
  test.each([
    ['HTTP/1.1', '', 4_000],
    ['HTTP/1.1', 'connection: close', 0],
    ['HTTP/1.1', 'connection: Upgrade, Close', 0],
    ['HTTP/1.1', 'connection: upgrade\r\nconnection: close', 0],
    ['HTTP/1.1', 'connection: closed', 4_000],
    ['HTTP/1.0', '', 0],
    ['HTTP/1.0', 'connection: Keep-Alive', 4_000],
    ['HTTP/1.1', 'keep-alive: timeout=5', 4_000],
    ['HTTP/1.1', 'Keep-Alive: timeout=3, max=100', 2_000],
    ['HTTP/1.1', 'keep-alive: max=100, Timeout=2', 1_000],
    ['HTTP/1.1', 'keep-alive: timeout=1', 0],
    ['HTTP/1.1', 'keep-alive: timeout=0', 0],
    ['HTTP/1.1', 'keep-alive: timeout=soon', 4_000],
    ['HTTP/1.1', 'keep-alive: notimeout=1', 4_000],
  ])('%s with %j: %d ms', (version, header, keptMs) => {
    const lines = header === '' ? '' : `${header}\r\n`;
    expect(read(`${version} 200 OK\r\n${lines}content-length: 0\r\n\r\n`)).toMatchObject({ ended: true, keptMs });
  });

  test('not at all when more comes than the reply', () => {
    const reply = Buffer.from(`${OK}content-length: 2\r\n\r\nok`);
    expect(readPieces([reply]).keptMs).toBe(4_000);
    for (const more of [[Buffer.concat([reply, Buffer.from('x')])], [reply, Buffer.from('x')]]) {
      expect(readPieces(more)).toMatchObject({ body: 'ok', ended: true, keptMs: 0 });
    }
  });
});
