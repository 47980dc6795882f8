// How does a form behave under the hands? Enter moves on, Ctrl+Enter sends, a double click sends once, unsaved text warns.
import { isComposing } from './keys.js';

const changed = new WeakSet();
let leaving = false;

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.matches('input, select, textarea, button') && !field.disabled
    && field.type !== 'hidden' && field.tabIndex >= 0 && field.offsetParent !== null && !field.closest('template'));
}

// What says already what it nearly always says (the sex that the ID number gave) is passed by: Tab still comes there.
function isPassed(field) {
  const when = field.dataset.passedWhen;
  return when !== undefined && (when === '' ? field.value !== '' : when.split(' ').includes(field.value));
}

function moveOn(form, from) {
  const fields = fieldsOf(form);
  let next = fields[fields.indexOf(from) + 1];
  // A set of radio buttons is one stop; nothing is added, read or taken away by walking past.
  while (next && (isPassed(next) || next.type === 'radio' && next.name === from.name || next.matches('button[name], [data-formset-delete] input'))) next = fields[fields.indexOf(next) + 1];
  if (!next) return;
  next.focus();
  if (next.matches('input:not([type=checkbox]):not([type=radio]):not([type=file])')) next.select?.();
}

function onEnter(event) {
  if (event.key !== 'Enter' || event.defaultPrevented || isComposing(event)) return;
  const form = event.target.form;
  if (!form) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('[data-primary]') || undefined);
    return;
  }
  if (!('enterNext' in form.dataset) || !event.target.matches('input, select')) return;
  // The last field of a short form (sign-in) sends it; so does a search box.
  const last = fieldsOf(form).filter((field) => field.tagName !== 'BUTTON').pop();
  if (event.target === last || event.target.type === 'submit' || event.target.type === 'search') return;
  event.preventDefault();
  moveOn(form, event.target);
}

function onChange(event) {
  const form = event.target.form;
  if (form && 'guardUnsaved' in form.dataset) changed.add(form);
  count(event.target);
}

// After an autosave nothing would be lost, so nothing need be asked.
export function markSaved(form) { changed.delete(form); }

function onSubmit(event) {
  const form = event.target;
  // What is answered in another window (a sample) leaves this one as it is.
  if (event.defaultPrevented || form.method === 'get' || event.submitter?.formTarget === '_blank') return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  fillKey(form);
  form.dataset.sent = '1';
  // What is answered with a file leaves the page where it is: the button is free again in a moment.
  if ('stays' in form.dataset) { setTimeout(() => setButtons(form, true), 0); setTimeout(() => release(form), 3000); return; }
  leaving = true;
  // Disabled only after the browser has read the form, or the pressed button's own name and value would be lost.
  setTimeout(() => setButtons(form, true), 0);
}

function fillKey(form) {
  const key = form.elements.namedItem('idempotency_key');
  if (key && !key.value) key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function setButtons(form, off) {
  for (const button of form.querySelectorAll('button:not([type=button])')) button.toggleAttribute('disabled', off);
}

export function release(form) {
  delete form.dataset.sent;
  leaving = false;
  setButtons(form, false);
}

function count(field) {
  const counter = field.id && document.querySelector(`[data-count-for="${CSS.escape(field.id)}"]`);
  if (!counter) return;
  const most = Number(field.dataset.countMax || field.maxLength || 0);
  const length = [...field.value].length;
  counter.textContent = most > 0 ? `${length} / ${most} 字` : `${length} 字`;
  counter.toggleAttribute('data-over', most > 0 && length > most);
}

export function readyForms(root) {
  for (const field of root.querySelectorAll('textarea[data-count], input[data-count]')) {
    if (!document.querySelector(`[data-count-for="${CSS.escape(field.id)}"]`)) {
      const counter = document.createElement('span');
      counter.className = 'counter';
      counter.dataset.countFor = field.id;
      (field.closest('.field') || field.parentElement).prepend(counter);
    }
    count(field);
  }
}

export function startForms() {
  document.addEventListener('keydown', onEnter);
  document.addEventListener('input', onChange);
  document.addEventListener('change', onChange);
  document.addEventListener('submit', onSubmit);
  document.addEventListener('htmx:afterRequest', (event) => {
    const form = event.detail.elt.closest?.('form');
    if (form) release(form);
  });
  window.addEventListener('pageshow', (event) => { if (event.persisted) document.querySelectorAll('form[data-sent]').forEach(release); });
  window.addEventListener('beforeunload', (event) => {
    if (leaving) return;
    const open = [...document.querySelectorAll('form[data-guard-unsaved]')].some((form) => changed.has(form));
    if (open) { event.preventDefault(); event.returnValue = ''; }
  });
}
