import { prettyJson } from './pretty-json.js';

test('every value has a line of its own', () => {
  expect(prettyJson('{"a":"1","b":{"c":[1,2,{}],"d":[ ]},"e":null}')).toBe(
    [
      '{',
      '  "a": "1",',
      '  "b": {',
      '    "c": [',
      '      1,',
      '      2,',
      '      {}',
      '    ],',
      '    "d": [ ]',
      '  },',
      '  "e": null',
      '}',
    ].join('\n'),
  );
});

test('nothing but white space between the tokens changes', () => {
  const text = String.raw`{"id":12345678901234567890,"id":1.0e+2,"text":"a \"quoted\" {\\} [x, y]: é \u00e9","":""}`;
  const pretty = prettyJson(text)!;
  expect(pretty).toContain('12345678901234567890');
  expect(pretty).toContain(String.raw`"a \"quoted\" {\\} [x, y]: é \u00e9"`);
  expect(pretty.replace(/\n */g, '').replaceAll('": ', '":')).toBe(text);
});

test.each(['', 'ok', '"text"', '12', '{"a":', '<a/>', '[1,]', "{'a':1}"])('%s is left as it is', (text) => {
  expect(prettyJson(text)).toBeNull();
});
