// Buttons that copy the text of another element. Without this they are not shown, and the text is selected by hand.
document.documentElement.classList.add('can-copy');
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
});

async function copy(button) {
  const label = (button.dataset.label ??= button.textContent);
  const copied = await toClipboard(document.getElementById(button.dataset.copy)?.textContent ?? '');
  button.textContent = copied ? '✓ Copied' : '✕ Not copied: select it by hand';
  document.querySelector('[data-news]').textContent = copied ? 'Copied.' : 'The browser does not allow copying.';
  setTimeout(() => (button.textContent = label), 2500);
}

/** Browsers offer the clipboard to https and localhost alone; elsewhere a selection is copied as it was of old. */
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.className = 'visually-hidden';
    field.value = text;
    const { activeElement } = document;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    activeElement?.focus();
    return copied;
  }
}
