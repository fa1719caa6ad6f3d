// The page works without this: "Look again" loads it anew. With it, calls appear by themselves while it is looked at.
const EVERY_MS = 2000;
const AFTER_ERROR_MS = 10_000;
let timer;

document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : look()));
// From the back-forward cache a page returns with its timers lost.
window.addEventListener('pageshow', ({ persisted }) => persisted && look());
lookIn(EVERY_MS);

function lookIn(wait) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, wait);
}

async function look() {
  clearTimeout(timer);
  try {
    const reply = await fetch('/receiver', { headers: { 'X-Answerback-Background': '1' }, redirect: 'error' });
    if (!reply.ok) throw new Error(String(reply.status));
    show(new DOMParser().parseFromString(await reply.text(), 'text/html'));
    lookIn(EVERY_MS);
  } catch {
    // Signed out, or the server is away: the page stays as it is, and asks less often.
    lookIn(AFTER_ERROR_MS);
  }
}

function show(page) {
  document.querySelector('#next').replaceWith(page.querySelector('#next'));
  const shown = document.querySelector('#calls');
  const fresh = page.querySelector('#calls');
  const known = new Set([...shown.querySelectorAll('.call')].map(({ id }) => id));
  const arrived = [...fresh.querySelectorAll('.call')].filter(({ id }) => !known.has(id));
  if (arrived.length === 0) return;
  if (known.size === 0) {
    shown.replaceChildren(...fresh.childNodes);
  } else {
    // What is open, selected or read aloud stays untouched: new calls are put in front of it, closed.
    const current = new Set([...fresh.querySelectorAll('.call')].map(({ id }) => id));
    shown.querySelector('p').replaceWith(fresh.querySelector('p'));
    for (const call of arrived) call.open = false;
    shown.querySelector('.call').before(...arrived);
    for (const call of shown.querySelectorAll('.call')) {
      if (!arrived.includes(call) && !current.has(call.id)) call.remove();
    }
  }
  document.querySelector('#news').textContent =
    arrived.length === 1 ? 'One new call arrived.' : `${arrived.length} new calls arrived.`;
}
