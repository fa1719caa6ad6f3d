import { jest } from '@jest/globals';
import { ConsoleLog } from './console-log.js';

describe('a line of the log', () => {
  it('says when in UTC, how grave, where and what', () => {
    expect(printed((log) => log.warn('The keyring cannot be read.', 'Keyring'))).toMatch(
      /^\[Answerback\] \d+ {2}- \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z +WARN \[Keyring\] The keyring cannot be read\.\n$/,
    );
  });

  it.each(['\n', '\r\n', '\r', '\u2028', '\u0085', '\u001b[2K\u001b[1A', '\u202e'])(
    'is one line whatever was sent to us (%j)',
    (breaking) => {
      const text = printed((log) => log.error(`no host "a${breaking}[Answerback] 1  - forged"`, undefined, 'Errors'));
      // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(text).toMatch(/^\[Answerback\] [^\u0000-\u001f\u0085\u2028\u202e]+\n$/);
      expect(text).toContain('[Answerback] 1  - forged');
    },
  );

  it('has a stack behind it whose further lines are indented', () => {
    const text = printed((log) =>
      log.error('It failed.', 'Error: a\n[Answerback] 1  - forged\n    at b (c.ts:1:1)', 'E'),
    );
    expect(text.split('\n').filter((line) => line.startsWith('[Answerback]'))).toHaveLength(1);
    expect(text).toContain('\n    [Answerback] 1  - forged\n        at b (c.ts:1:1)\n');
  });
});

function printed(write: (log: ConsoleLog) => void): string {
  const pieces: string[] = [];
  const keep = (piece: unknown) => {
    pieces.push(String(piece));
    return true;
  };
  const streams = [jest.spyOn(process.stdout, 'write'), jest.spyOn(process.stderr, 'write')];
  streams.forEach((stream) => stream.mockImplementation(keep));
  try {
    write(new ConsoleLog('log'));
  } finally {
    streams.forEach((stream) => stream.mockRestore());
  }
  return pieces.join('');
}
