// Where does typed text wait while the session is gone? In this tab's sessionStorage, under the signed-in person's key,
// until it was sent or thrown away. Never files, never passwords; sign-out and another person's sign-in wipe it.
const PREFIX = 'typed:';
const HALF_DAY = 12 * 3600 * 1000;
const person = () => document.body.dataset.signedIn || '';
const placeOf = (form) => PREFIX + window.location.pathname + '#' + (form.id || form.dataset.autosaveUrl || '');

export function valuesOf(form) {
  const skip = new Set(['csrfmiddlewaretoken', 'idempotency_key']);
  return [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !skip.has(name)
    && form.querySelector(`[name="${CSS.escape(name)}"]`)?.type !== 'password');
}

export function keep(form, sent = false) {
  try {
    sessionStorage.setItem(placeOf(form), JSON.stringify({ person: person(), at: Date.now(), sent, values: valuesOf(form) }));
    return true;
  } catch { return false; }
}

export function drop(form) { sessionStorage.removeItem(placeOf(form)); }

export function wipe() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

export function kept(form) {
  const text = sessionStorage.getItem(placeOf(form));
  if (!text) return null;
  const found = JSON.parse(text);
  return found.person === person() ? found : null;
}

// What was sent and answered by an ordinary page has arrived, or is in that page. If the answer was the sign-in page or an
// error page (both without a signed-in person), it has not: it waits.
export function settle() {
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    const found = JSON.parse(sessionStorage.getItem(key));
    if (!person()) sessionStorage.setItem(key, JSON.stringify({ ...found, sent: false }));
    else if (found.person !== person() || found.sent || Date.now() - found.at > HALF_DAY) sessionStorage.removeItem(key);
  }
}

export function putBack(form, values) {
  const byName = new Map();
  for (const [name, value] of values) byName.set(name, [...(byName.get(name) || []), value]);
  const management = [...byName.keys()].filter((name) => name.endsWith('-TOTAL_FORMS'));
  for (const name of management) {
    const add = form.querySelector(`[data-formset="${CSS.escape(name.slice(0, -12))}"] [data-formset-add]`);
    for (let have = Number(form.elements.namedItem(name)?.value || 0); add && have < Number(byName.get(name)[0]); have += 1) add.click();
  }
  for (const field of form.elements) {
    if (!field.name || field.type === 'file' || field.name === 'csrfmiddlewaretoken' || field.name === 'idempotency_key') continue;
    const wanted = byName.get(field.name);
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = Boolean(wanted?.includes(field.value));
    else if (field.tagName === 'SELECT' && field.multiple) for (const option of field.options) option.selected = Boolean(wanted?.includes(option.value));
    else if (wanted && field.tagName !== 'BUTTON' && !management.includes(field.name)) field.value = wanted.shift() ?? field.value;
    else continue;
    if (field.type !== 'hidden') { field.tomselect?.sync(); field.dispatchEvent(new Event('input', { bubbles: true })); }
  }
}
