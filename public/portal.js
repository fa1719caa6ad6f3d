// Pages work without this. With it, menus close when a person goes elsewhere.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.narrow-menu[open], .member-menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('.narrow-menu[open], .member-menu[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
