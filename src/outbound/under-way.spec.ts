import { UnderWay } from './under-way.js';

let underWay: UnderWay;
let over: string[];

beforeEach(() => {
  underWay = new UnderWay();
  over = [];
});

const wait = (name: string) => void underWay.allEnded().then(() => over.push(name));

/** Whatever was resolved has been told by then. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('where nothing is under way, nothing is waited for', async () => {
  wait('one');
  await settle();
  expect(over).toEqual(['one']);
});

test('all who wait go on when the last has ended, what began meanwhile included', async () => {
  underWay.began();
  wait('one');
  wait('another');
  underWay.began();
  underWay.ended();
  await settle();
  expect([underWay.count, over]).toEqual([1, []]);
  underWay.ended();
  await settle();
  expect([underWay.count, over]).toEqual([0, ['one', 'another']]);
});

test('it can be waited for again', async () => {
  for (const name of ['first', 'second']) {
    underWay.began();
    wait(name);
    await settle();
    underWay.ended();
    await settle();
  }
  expect(over).toEqual(['first', 'second']);
});
