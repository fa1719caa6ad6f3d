/** The worker of worker-process.mjs, which tells how much memory it has when its parent asks. Needs --expose-gc. */
await import('./worker-process.mjs');

process.on('message', () => {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send({ rss, kept: heapUsed + external, peak: process.resourceUsage().maxRSS * 1024 });
});
