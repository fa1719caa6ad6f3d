/**
 * A measured process's side of its parent: each message `{ name: value }` calls the function of that name, and is
 * answered when it is done. A fault ends the process, which its parent notices.
 */
export function serve(functions) {
  process.on('message', (message) => void answer(functions, message));
  process.on('SIGTERM', () => process.exit());
  process.on('disconnect', () => process.exit());
  process.send({ ready: true });
}

async function answer(functions, message) {
  const [[name, value]] = Object.entries(message);
  await functions[name](value);
  process.send({ done: name });
}
