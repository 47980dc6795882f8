// Which keys work everywhere? "/" finds, "N" registers, "F" goes to the filters, "?" says which keys there are, PageUp/PageDown
// turn pages with Alt. Never while someone writes; who speaks to the machine or types with one finger turns the letters off.
const OFF = 'letter-keys-off';
const WRITES = 'textarea, select, input:not([type=checkbox]):not([type=button]):not([type=submit])';

export function isWriting(event) {
  const target = event.target;
  return target.isContentEditable || target.matches?.(WRITES) || target.closest?.('.ts-wrapper');
}

// An input method is composing: Enter and letters belong to it (keyCode 229 is what old Chromium says on Windows).
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

export function lettersOff() {
  try { return window.localStorage.getItem(OFF) === '1'; } catch { return false; }
}

function follow(event) {
  if (event.key === '?' || event.key === '？') return openHelp();
  if (lettersOff()) return false;
  if (event.key === '/') return focusSearch();
  if (event.key === 'n' || event.key === 'N') return go(document.body.dataset.keyUrl);
  if (event.key === 'f') return focusFilters();
  return pressed(event.key);
}

// A page's own key presses the button that says so: data-press-key="T".
function pressed(key) {
  const button = /^[a-z]$/i.test(key) && document.querySelector(`button[data-press-key="${key.toUpperCase()}"]`);
  if (button) button.click();
  return Boolean(button);
}

function focusSearch() {
  const box = document.querySelector('[data-key-search]');
  box?.focus();
  box?.select();
  return Boolean(box);
}

function focusFilters() {
  const fields = [...document.querySelectorAll('form.filters .form-control, form.filters .form-select, form.filters .ts-control input')];
  const first = fields.find((field) => field.offsetParent !== null && field.type !== 'hidden');
  first?.focus();
  first?.scrollIntoView({ block: 'nearest' });
  return Boolean(first);
}

function go(url) {
  if (!url) return false;
  window.location.assign(url);
  return true;
}

// Only what works on this page is listed.
function openHelp() {
  const help = document.getElementById('keys');
  if (!help || help.open) return false;
  for (const line of help.querySelectorAll('[data-when]')) line.hidden = !document.querySelector(line.dataset.when);
  help.querySelector('[data-letters]').checked = !lettersOff();
  help.showModal();
  return true;
}

function turnLetters(event) {
  if (!event.target.matches?.('[data-letters]')) return;
  try { window.localStorage.setItem(OFF, event.target.checked ? '0' : '1'); } catch { /* a browser that keeps nothing */ }
}

export function startKeys() {
  for (const button of document.querySelectorAll('[data-open-keys]')) button.hidden = false;
  document.addEventListener('click', (event) => { if (event.target.closest?.('[data-open-keys]')) openHelp(); });
  document.addEventListener('change', turnLetters);
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    if (event.altKey && (event.key === 'PageUp' || event.key === 'PageDown')) {
      const link = document.querySelector(`a[data-key="${event.key}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event) || document.querySelector('dialog[open]')) return;
    if (follow(event)) event.preventDefault();
  });
}
