// The page is whole without this file. It lets the wording follow the score, and it stops a second tap on Send.
const form = document.querySelector('form[data-sending]');
const send = document.getElementById('send');

if (form && send) {
  const resting = send.textContent;

  const follow = () => {
    const chosen = form.querySelector('input[name="overall"]:checked');
    const wording = !chosen ? 'either' : Number(chosen.value) >= 9 ? 'praise' : 'improve';
    for (const phrase of form.querySelectorAll('[data-either]')) phrase.textContent = phrase.dataset[wording];
  };

  let sending = false;
  const rest = () => {
    sending = false;
    send.textContent = resting;
  };

  form.addEventListener('change', follow);
  form.addEventListener('submit', (event) => {
    if (sending) return event.preventDefault();
    sending = true;
    send.textContent = form.dataset.sending;
    setTimeout(rest, 8000); // a request that hangs or was stopped can be sent again; its one-time id makes that harmless
  });
  // Coming back shows the page as it was left, a choice restored by the browser or a Send already tapped included.
  window.addEventListener('pageshow', () => {
    rest();
    follow();
  });

  document.querySelector('.errors')?.focus();
}
