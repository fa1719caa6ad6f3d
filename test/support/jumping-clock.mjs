/**
 * Loaded before a process of the product: its wall clock jumps by two hours, there and back, a few times a second, as it
 * would when somebody sets it. What measures durations (performance.now, timers) goes on evenly, as it does on a machine.
 */
const JUMPS_MS = [0, 2 * 3_600_000, -2 * 3_600_000];
const RealDate = Date;
let ahead = 0;

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + ahead] : given));
  }

  static now() {
    return RealDate.now() + ahead;
  }
};
let jumps = 0;
setInterval(() => {
  ahead = JUMPS_MS[(jumps += 1) % JUMPS_MS.length];
}, 150).unref();
