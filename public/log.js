// The Webhook Log works without this. With it, the page brings itself up to date and counts down.
const root = document.querySelector('[data-live]');
const news = document.querySelector('[data-news]');
const liveWords = document.querySelector('[data-live-words]');

/** What the server sent for an element, before this script changed anything in it. */
const sources = new WeakMap();

const LONGEST_PAUSE_S = 60;
const MOST_FAILURES = 8;
let failures = 0;
let timer;

if (root) {
  remember(root);
  // Only the newest page of the log changes by itself.
  if (root.dataset.poll) {
    document.documentElement.classList.add('is-live');
    say(liveWords.dataset.liveWords);
    schedule();
  }
}
enhance(document);
setInterval(countDown, 1000);

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (!document.hidden && isLive()) look();
});
// Addresses with nothing but what was asked, to be sent to a colleague.
document.querySelector('[data-filters]')?.addEventListener('formdata', ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (value.trim() === '') formData.delete(name);
  }
});

function isLive() {
  return document.documentElement.classList.contains('is-live');
}

function schedule(tookMs = 0) {
  clearTimeout(timer);
  if (!isLive() || document.hidden) return;
  const pauseS = Math.min(Number(root.dataset.poll) * 2 ** failures, LONGEST_PAUSE_S);
  // A page that is slow to make (a filter that walks a long log) is asked for less often.
  timer = setTimeout(look, Math.max(pauseS, Math.min((tookMs * 20) / 1000, LONGEST_PAUSE_S)) * 1000);
}

async function look() {
  const began = performance.now();
  try {
    const reply = await fetch(location.href, {
      headers: { 'X-Answerback-Background': 'true' },
      cache: 'no-store',
      signal: AbortSignal.timeout(15_000),
    });
    if (reply.redirected || (reply.status >= 400 && reply.status < 500)) {
      return end('You may have been signed out.');
    }
    if (!reply.ok) throw new Error(`The server answered ${reply.status}`);
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html').querySelector('[data-live]');
    if (!fresh) return end('This page has changed.');
    if (failures > 0) say(liveWords.dataset.liveWords);
    failures = 0;
    update(fresh);
  } catch {
    failures += 1;
    if (failures >= MOST_FAILURES) return end('The server does not answer.');
    say('The server does not answer; trying again. What you see may be out of date.');
  }
  schedule(performance.now() - began);
}

function end(reason) {
  document.documentElement.classList.remove('is-live');
  const again = document.createElement('a');
  again.href = location.href;
  again.textContent = 'Load the page again';
  liveWords.replaceChildren(`${reason} Updates have stopped. `, again);
}

function say(words) {
  liveWords.textContent = words;
}

/** Replaces what differs and nothing else: what a person opened, selected or is about to press stays as it is. */
function update(fresh) {
  const told = [];
  if (listNames(root) !== listNames(fresh)) {
    root.replaceChildren(...fresh.childNodes);
    remember(root);
    enhance(root);
    told.push(...[...root.querySelectorAll('[data-key]')].map(markNew));
  } else {
    for (const part of fresh.querySelectorAll('[data-part]')) updatePart(part, told);
    for (const list of fresh.querySelectorAll('[data-list]')) updateList(list, told);
  }
  if (fresh.dataset.poll) root.dataset.poll = fresh.dataset.poll;
  tell(told.filter(Boolean));
}

function updatePart(part, told) {
  const old = root.querySelector(`[data-part="${part.dataset.part}"]`);
  if (!old) return;
  const differs = sources.get(old) !== sourceOf(part);
  restartCountDown(old, part);
  if (differs) told.push(replace(old, part));
}

function updateList(list, told) {
  const old = root.querySelector(`[data-list="${list.dataset.list}"]`);
  const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
  let behind = null;
  for (const child of [...list.children]) {
    let own = known.get(child.dataset.key);
    known.delete(child.dataset.key);
    if (!own) {
      own = adopt(child);
      behind ? behind.after(own) : old.prepend(own);
      told.push(markNew(own));
    } else if (!('holdsParts' in own.dataset) && sources.get(own) !== sourceOf(child)) {
      told.push(replace(own, child));
      own = child;
    }
    behind = own;
  }
  for (const gone of known.values()) {
    // Somebody reads it, or it has the focus: it goes with the next change.
    if (!gone.contains(document.activeElement)) gone.remove();
  }
}

function adopt(element) {
  remember(element);
  return document.adoptNode(element);
}

function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? focusable(old).indexOf(document.activeElement) : -1;
  const opened = [...old.querySelectorAll('details')].map((details) => details.open);
  const checked = [...old.querySelectorAll('input[type=checkbox]')].map((box) => box.checked);
  const wasNew = old.querySelector('[data-new]');
  old.replaceWith(adopt(fresh));
  fresh.querySelectorAll('details').forEach((details, index) => (details.open = opened[index] ?? details.open));
  fresh.querySelectorAll('input[type=checkbox]').forEach((box, index) => (box.checked = checked[index] ?? box.checked));
  enhance(fresh);
  if (wasNew) markNew(fresh);
  if (focused >= 0) focusable(fresh)[focused]?.focus({ preventScroll: true });
  return fresh.dataset.said;
}

function focusable(element) {
  return [...element.querySelectorAll('a[href], button, input, select, summary, [tabindex]')];
}

function markNew(element) {
  enhance(element);
  const heading = element.querySelector('.id');
  if (heading && !element.querySelector('[data-new]')) {
    const mark = document.createElement('span');
    mark.className = 'badge log-new';
    mark.dataset.new = '';
    mark.textContent = 'New';
    heading.after(' ', mark);
  }
  return element.dataset.said;
}

function tell(told) {
  if (told.length > 0) {
    news.textContent = told.length > 3 ? `${told.length} calls are new or have changed.` : told.join('. ');
  }
}

function listNames(element) {
  return [...element.querySelectorAll('[data-list]')].map((list) => list.dataset.list).join();
}

function remember(element) {
  for (const own of [element, ...element.querySelectorAll('[data-part], [data-key]')]) sources.set(own, sourceOf(own));
}

/** An element as the server wrote it, but for what counts down. */
function sourceOf(element) {
  const copied = element.cloneNode(true);
  for (const count of copied.querySelectorAll('[data-countdown]')) {
    count.dataset.countdown = '';
    count.textContent = '';
  }
  return copied.outerHTML;
}

function enhance(element) {
  for (const time of element.querySelectorAll('time[datetime]')) {
    const moment = new Date(time.getAttribute('datetime').replace(' ', 'T'));
    if (!Number.isNaN(moment.getTime())) {
      time.title = `${moment.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })}, your time`;
    }
  }
  for (const count of element.querySelectorAll('[data-countdown]')) startCountDown(count, count.dataset.countdown);
}

/** By the server's seconds and this page's own clock: the computer's may be wrong. */
function startCountDown(element, seconds) {
  element.endsAt = performance.now() + Number(seconds) * 1000;
}

function restartCountDown(old, fresh) {
  const own = old.querySelector('[data-countdown]');
  const seconds = fresh.querySelector('[data-countdown]')?.dataset.countdown;
  if (own && seconds !== undefined) startCountDown(own, seconds);
}

function countDown() {
  for (const element of document.querySelectorAll('[data-countdown]')) {
    const left = Math.round((element.endsAt - performance.now()) / 1000);
    element.textContent = left <= 0 ? 'now' : `in ${inTwoUnits(left)}`;
    if (left === 0 && isLive() && !document.hidden) {
      clearTimeout(timer);
      timer = setTimeout(look, 500);
    }
  }
}

function inTwoUnits(seconds) {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
