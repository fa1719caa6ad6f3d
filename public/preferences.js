// Pages work without this. With it, links are copied by a button and a test's outcome appears by itself.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
}
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button || button.dataset.told) return;
  const field = document.getElementById(button.dataset.copy);
  const label = [...button.childNodes];
  button.dataset.told = 'yes';
  try {
    await navigator.clipboard.writeText(field.value);
    button.replaceChildren('Copied');
  } catch {
    // Without https there is no clipboard: marking the text is the next best thing.
    field.select();
    button.replaceChildren('Press Ctrl+C');
  }
  setTimeout(() => {
    button.replaceChildren(...label);
    delete button.dataset.told;
  }, 2000);
});

const EVERY_MS = 1000;
const GIVE_UP_AFTER = 120;

/** Fetches the page's own address and takes over what has changed. */
async function lookAgain() {
  // The header says that nobody pressed anything: messages stay for the page that a person opens next.
  const headers = { 'X-Answerback-Background': '1' };
  const reply = await fetch(location.href, { credentials: 'same-origin', redirect: 'error', headers });
  if (!reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
  for (const fresh of page.querySelectorAll('[data-live]')) {
    const old = document.querySelector(`[data-live="${fresh.dataset.live}"]`);
    if (old && old.innerHTML !== fresh.innerHTML) {
      // The element stays, so that a screen reader hears its new words.
      old.innerHTML = fresh.innerHTML;
      old.toggleAttribute('data-pending', fresh.hasAttribute('data-pending'));
    }
  }
  hideWhatScriptsDo();
}

function hideWhatScriptsDo() {
  for (const element of document.querySelectorAll('[data-without-script]')) element.hidden = true;
}

let looks = 0;
async function waitForOutcome() {
  if (!document.querySelector('[data-pending]') || looks >= GIVE_UP_AFTER) return;
  if (!document.hidden) {
    looks += 1;
    // A page that cannot be reached for a moment is asked again.
    await lookAgain().catch(() => undefined);
  }
  setTimeout(waitForOutcome, EVERY_MS);
}
if (document.querySelector('[data-pending]')) {
  hideWhatScriptsDo();
  setTimeout(waitForOutcome, 300);
}
