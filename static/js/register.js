// What helps the hands at the registration page? An ID number that checks itself, suggestions taken with one key, files sent
// at once, a card read into the next free row. Every one of them also works as an ordinary button.
import { isComposing } from './keys.js';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const MARKS = '10X98765432';
const form = document.getElementById('register');

function wrongIn(number) {
  if (!/^\d{17}[\dX]$/.test(number)) return number.length < 15 ? '' : '身份证号码应为18位';
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
  return MARKS[sum % 11] === number[17] ? '' : '校验位不符，请核对是否录错';
}

function birthOf(number) { return `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`; }

function noteFor(field) {
  const place = field.closest('.field');
  let note = place.querySelector('.id-note');
  if (!note) {
    note = document.createElement('p');
    note.className = 'id-note';
    note.setAttribute('role', 'status');
    place.append(note);
  }
  return note;
}

function readId(field) {
  const row = field.closest('[data-formset-row]');
  const kind = row.querySelector('[name$="-id_kind"]');
  const number = field.value.replace(/[\s-]/g, '').toUpperCase();
  const note = noteFor(field);
  const resident = !kind || kind.value === '111';
  const wrong = resident ? wrongIn(number) : '';
  note.toggleAttribute('data-wrong', Boolean(wrong));
  note.textContent = wrong;
  if (!resident || wrong || number.length !== 18) return;
  const birth = row.querySelector('[name$="-birth_date"]');
  const sex = row.querySelector('[name$="-sex"]');
  birth.value = birthOf(number);
  sex.value = Number(number[16]) % 2 ? '1' : '2';
  note.textContent = `${sex.selectedOptions[0]?.text || ''} · ${birthOf(number)}`;
}

// A card reader types a whole line and Enter into whichever field has the focus.
function isCardLine(text) { return /\d{17}[\dXx]/.test(text) && text.length > 22; }

async function read() {
  const answer = await fetch(form.action, { method: 'POST', body: withButton('read'), credentials: 'same-origin',
    headers: { 'X-CSRFToken': form.elements.namedItem('csrfmiddlewaretoken').value } });
  if (answer.status === 401 || answer.redirected) { form.requestSubmit(form.querySelector('[data-read]')); return; }
  replace('people', await answer.text());
  const next = [...form.querySelectorAll('[data-formset-row] [name$="-phone"]')].find((field) => !field.value);
  (next || form.elements.namedItem('content')).focus();
  document.body.dispatchEvent(new Event('looked'));
}

function withButton(value) {
  const body = new FormData(form);
  body.delete('files');
  body.set('do', value);
  return body;
}

function replace(id, text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const fresh = page.getElementById(id);
  if (!fresh) return;
  document.getElementById(id).replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true, detail: { elt: fresh } }));
  const said = page.querySelector('.errors');
  if (said) { const place = document.getElementById('messages'); place.replaceChildren(said); }
}

function fill(button) {
  const select = document.getElementById(button.dataset.fill);
  if (!select) return;
  if (select.tomselect) select.tomselect.setValue(button.dataset.fillValue);
  else { select.value = button.dataset.fillValue; select.dispatchEvent(new Event('change', { bubbles: true })); }
  button.closest('.suggest')?.remove();
}

function numberKeys() {
  document.querySelectorAll('#earlier [data-pick-key]').forEach((radio, place) => {
    const hint = radio.closest('label').querySelector('[data-key-hint]');
    if (hint && place < 9) hint.textContent = `Alt+${place + 1}`;
  });
}

function onKey(event) {
  if (isComposing(event)) return;
  if (event.key === 'Enter' && !event.ctrlKey && event.target.matches('input')) return onLine(event);
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const digit = /^Digit([1-9])$/.exec(event.code);
  const wanted = digit ? document.querySelectorAll('#earlier [data-pick-key]')[Number(digit[1]) - 1]
    : document.querySelector(`[data-fill-key="${event.key.toLowerCase()}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
}

function onLine(event) {
  const reader = form.elements.namedItem('reader');
  const typed = event.target;
  if (typed !== reader && !(typed.closest('#people') && isCardLine(typed.value))) return;
  event.preventDefault();
  event.stopPropagation();
  if (typed !== reader) { reader.value = typed.value; typed.value = ''; }
  if (reader.value.trim()) read();
}

if (form) {
  form.addEventListener('keydown', onKey, true);
  form.addEventListener('input', (event) => { if (event.target.name?.endsWith('-id_number')) readId(event.target); });
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-fill], [data-read]');
    if (!button) return;
    event.preventDefault();
    if ('read' in button.dataset) read(); else fill(button);
  });
  form.addEventListener('change', (event) => { if (event.target.id === 'id_files' && event.target.files.length) form.querySelector('[data-upload]')?.click(); });
  document.addEventListener('htmx:afterSwap', numberKeys);
  numberKeys();
  // What was refused is read first: the summary has the focus then.
  if (!form.querySelector('[data-focus]')) form.querySelector('[name="p-0-name"]')?.focus();
}
